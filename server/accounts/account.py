"""A member of staff as the service knows them."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.errors import InvalidInput
from core.printable import printable

LONGEST_NAME = 30
LONGEST_DEPARTMENT = 40
_ID = re.compile(r"[0-9a-z][0-9a-z._@-]{0,39}")


class Right(StrEnum):
    """What not everybody may do. To ask, to write drafts and to have speech captioned needs none."""

    APPROVE = "approve"
    MINUTES = "minutes"
    CALLS = "calls"
    LOG = "log"
    ACCOUNTS = "accounts"

    @property
    def label(self) -> str:
        """As people read it."""
        return _LABELS[self]

    @property
    def meaning(self) -> str:
        return _MEANINGS[self]


_LABELS = {
    Right.APPROVE: "公開の承認",
    Right.MINUTES: "議事録",
    Right.CALLS: "通話記録",
    Right.LOG: "利用記録",
    Right.ACCOUNTS: "アカウントの管理",
}
_MEANINGS = {
    Right.APPROVE: "知識ベースの項目や文書を公開し、公開を終える",
    Right.MINUTES: "会議の録音を送り、議事録と登録した声を見て、直し、保存する",
    Right.CALLS: "通話の録音と文字、今の通話を見て、直し、保存する",
    Right.LOG: "だれが記録を見て、聞き、取り出したかを見る",
    Right.ACCOUNTS: "職員のアカウントを作り、権限を決め、止める",
}
ALL = frozenset(Right)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """`department` is empty for who belongs to none of those that keep entries to themselves."""

    id: str  #: what is typed to log in
    name: str
    department: str = ""
    rights: frozenset[Right] = frozenset()
    password_hash: str = ""
    has_initial_password: bool = True  #: somebody else knows it: nothing can be done but to choose an own one
    stopped_at: datetime | None = None
    generation: int = 0  #: raised whenever every login is to end

    @property
    def signature(self) -> str:
        """What stands under what they did: names are shared, and change."""
        return f"{self.name}（{self.id}）"

    @property
    def seal(self) -> str:
        """Stands for what a form showed of it."""
        shown = [self.name, self.department, *sorted(self.rights), str(self.stopped_at)]
        return hashlib.sha256("\n".join(shown).encode()).hexdigest()

    @property
    def title(self) -> str:
        """Department and name, as records keep it."""
        return f"{self.department} {self.name}".strip()


def account_id(written: str) -> str:
    """An id in the one form that it is kept in, however the keyboard was set. Raises InvalidInput."""
    found = plain_id(written)
    if not is_id(found):
        raise InvalidInput("職員番号は、英数字と . _ @ - の40文字までで入力してください。")
    return found


def is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


def plain_id(written: str) -> str:
    return unicodedata.normalize("NFKC", written).strip().lower()


def fit_name(written: str) -> str:
    """Raises InvalidInput for a name that can't be shown."""
    name = printable(written)
    if not 0 < len(name) <= LONGEST_NAME:
        raise InvalidInput(f"氏名を、{LONGEST_NAME}文字までで入力してください。")
    return name


def fit_department(written: str) -> str:
    """Raises InvalidInput."""
    department = printable(written)
    if len(department) > LONGEST_DEPARTMENT:
        raise InvalidInput(f"担当課は、{LONGEST_DEPARTMENT}文字までで入力してください。")
    return department
