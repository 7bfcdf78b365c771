"""A recorded phone call: its two sides, what is known of it, and its dialogue in the order of time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from unicodedata import category

from asr.recording import Recording
from asr.transcript import Segment
from core.clock import JST
from core.errors import InvalidInput

OUR_NAME, OTHER_NAME = "市役所", "相手"
_LONGEST_NAME = 100
_LONGEST_NUMBER = 40
_UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
_FIRST_CALL = datetime(1900, 1, 1, tzinfo=JST)
_CLOCKS_DIFFER = timedelta(days=1)


class Side(StrEnum):
    """Who of the two speaks."""

    OURS = "ours"  #: 市役所
    OTHER = "other"  #: 相手


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Who spoke on which channel of a recording, and when."""

    our_channel: int = 0  #: 0 = left, 1 = right
    our_name: str = OUR_NAME
    other_name: str = OTHER_NAME
    caller_number: str | None = None
    started_at: datetime | None = None
    lone: bool = False  #: one channel has all that was recorded, of one party or of both: nobody knows which

    def __post_init__(self) -> None:
        if self.our_channel not in (0, 1):
            raise InvalidInput("市役所側のチャンネルは、0(左)か 1(右)を指定してください。")
        if not self.our_name.strip() or not self.other_name.strip():
            raise InvalidInput("市役所側と相手側の名前を入力してください。")
        if max(len(self.our_name), len(self.other_name)) > _LONGEST_NAME:
            raise InvalidInput(f"名前は{_LONGEST_NAME}文字までにしてください。")
        if self.caller_number and len(self.caller_number) > _LONGEST_NUMBER:
            raise InvalidInput(f"電話番号は{_LONGEST_NUMBER}文字までにしてください。")
        if self.started_at and self.started_at.tzinfo is None:
            raise InvalidInput("通話の開始日時には時差を付けてください。")

    @classmethod
    def as_told(cls, *, our_name: str, other_name: str, caller_number: str, started_at: datetime, lone: bool = False) -> Parties:
        """Of a call that the product recorded: what a telephone exchange told may be anything, and no call is lost by it."""
        return cls(
            our_name=_seen(our_name).strip()[:_LONGEST_NAME] or OUR_NAME,
            other_name=_seen(other_name).strip()[:_LONGEST_NAME] or OTHER_NAME,
            caller_number=_seen(caller_number).strip()[:_LONGEST_NUMBER] or None,
            started_at=started_at,
            lone=lone,
        )

    def require_plausible(self, at: datetime) -> None:
        """Of a new call. Raises InvalidInput where a name would break the lines that it heads, or the call can't have begun by
        then: a year was mistyped, or a recorder's clock is wrong."""
        told = self.our_name + self.other_name + (self.caller_number or "")
        if _seen(told) != told:
            raise InvalidInput("名前と電話番号には、改行などの見えない文字を入れないでください。")
        if self.started_at and not _FIRST_CALL <= self.started_at <= at + _CLOCKS_DIFFER:
            raise InvalidInput("通話の開始日時が、今より先か、古すぎます。年月日を確かめてください。")

    def side(self, channel: int | None) -> Side:
        return Side.OURS if channel == self.our_channel else Side.OTHER

    def name(self, side: Side) -> str:
        """What a side is called on the screen and in files: 市役所（市民課）, 相手（0986-00-0000）."""
        if side is Side.OURS:
            return self.our_name
        return f"{self.other_name}（{self.caller_number}）" if self.caller_number else self.other_name

    def speaker(self, side: Side) -> str:
        """Who says what is heard of a side, as far as it is known."""
        return f"{self.name(side)}との通話" if self.lone else self.name(side)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something that happened in a call beside what was said."""

    at_s: float
    text: str
    side: Side | None = None  #: whose it is; None for both

    def line(self, parties: Parties) -> str:
        """For a file: 1:05 音声欠落 2.3秒（相手）"""
        minutes, seconds = divmod(int(self.at_s), 60)
        whose = f"（{parties.name(self.side)}）" if self.side else ""
        return f"{minutes}:{seconds:02} {self.text}{whose}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """A call that is kept. It shares its recording's id."""

    recording: Recording
    parties: Parties
    imported_by: str
    remarks: tuple[Remark, ...] = ()  #: of a call that the product recorded itself

    @property
    def id(self) -> str:
        return self.recording.id

    @property
    def created_at(self) -> datetime:
        return self.recording.created_at

    @property
    def about(self) -> str:
        """When it was, who spoke, and what happened beside."""
        at = self.parties.started_at
        began = f"{at.astimezone(JST):%Y年%-m月%-d日%-H時%M分}" if at else "不明"
        about = f"通話の開始 {began} 市役所側 {self.parties.name(Side.OURS)} 相手側 {self.parties.name(Side.OTHER)}"
        happened = "、".join(remark.line(self.parties) for remark in self.remarks)
        return f"{about} 通話中 {happened}" if happened else about


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A stretch of the dialogue."""

    side: Side
    segment: Segment  #: with the side's name as speaker


def _seen(text: str) -> str:
    return "".join(c for c in text if category(c) not in _UNSEEN)


def parse_started_at(text: str) -> datetime | None:
    """A date and time as forms and the command line send it, in Japan's time unless it says otherwise; None for nothing.

    Raises:
        InvalidInput: it is not ISO 8601, such as 2026-11-22T13:05.
    """
    if not text.strip():
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InvalidInput("通話の開始日時は「2026-11-22T13:05」の形で指定してください。") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=JST)


def dialogue(segments: Iterable[Segment], parties: Parties) -> tuple[Line, ...]:
    """What both sides said, in the order in which they began to."""
    lines = []
    for segment in sorted(segments, key=lambda s: (s.start_s, s.end_s)):
        side = parties.side(segment.channel)
        lines.append(Line(side=side, segment=replace(segment, speaker=parties.speaker(side))))
    return tuple(lines)
