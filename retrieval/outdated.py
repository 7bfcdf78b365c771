"""The versions of an entry in, its short forms that stayed as they were when the answer changed out.

Speakers read 読み上げ文, and やさしい日本語 is shown in the place of the answer: what they still say of an older one is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.claims import claims_of, numbers_in, same_claims
from retrieval.revisions import Revision

_FORMS = {"answer_easy": "やさしい日本語", "speech": "読み上げ文"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outdated:
    """A short form that was written for an answer that said something else."""

    form: str  #: its name
    number: int  #: of the version in which it was written
    numbers: tuple[str, ...]  #: that the form still says, and only the older answer said: 14日

    @property
    def text(self) -> str:
        """One sentence or two for the clerk."""
        said = "".join(f"「{n}」" for n in self.numbers)
        gone = f"{said}は、今の回答にありません。" if said else ""
        return f"回答が変わりましたが、{self.form}は第{self.number}版のままです。{gone}回答と合っているか確かめてください。"


def outdated_forms(history: Sequence[Revision]) -> list[Outdated]:
    """Of the last version, by all versions, the first first."""
    last = history[-1].entry
    found = []
    for field, name in _FORMS.items():
        form: str | None = getattr(last, field)
        same = len(history)
        while same and getattr(history[same - 1].entry, field) == form:
            same -= 1
        written = history[same]
        if form and not same_claims(claims_of(written.entry.answer), claims_of(last.answer)):
            gone = numbers_in(written.entry.answer) - numbers_in(last.answer)
            numbers = tuple(sorted(gone & numbers_in(form)))
            found.append(Outdated(form=name, number=written.number, numbers=numbers))
    return found
