"""What a person decides on a change that a recording shows: the segment as it is kept from then on."""

from __future__ import annotations

from dataclasses import dataclass, replace

from asr.edits import Edits
from asr.recordings import Recordings
from asr.transcript import Change, Reason, Segment
from asr.writing import Style, write
from core.errors import NotFound, Superseded
from core.logging import logger

_OF_STYLE = frozenset({Reason.FILLER, Reason.STYLE, Reason.NOTATION, Reason.PUNCTUATION})
CHANGED_MEANWHILE = "この発言は、ほかの画面で先に直されました。今の文を確かめてから、もう一度操作してください。"
_log = logger("asr.decision")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A change of a recording, and what a person wants of it. Counted from 0."""

    segment: int
    change: int  #: of those of the segment in the style in which it is seen
    undone: bool
    was: str | None = None  #: what the segment says as the person saw it; None where that is not known


def decide(recordings: Recordings, recording_id: str, decision: Decision, style: Style) -> Segment:
    """Undo or redo, for good, a change that somebody sees in a style. Gives the segment as it is written then.

    Raises:
        NotFound: there is no such recording, segment or change, or it is not done.
        Superseded: the segment no longer says what the person saw.
    """
    kept: list[Segment] = []

    def change(recognised: Segment) -> Segment:
        written = write(recognised, style)
        if decision.was not in (None, written.text):
            raise Superseded(CHANGED_MEANWHILE)
        shown = written.changes
        if decision.change >= len(shown):
            raise NotFound("この書き換えは見つかりません。ページを読み込み直してください。")
        kept.append(decided(recognised, shown[decision.change], undone=decision.undone))
        return kept[-1]

    recordings.replace_segment(recording_id, decision.segment, change)
    where = {"recording": recording_id, "segment": decision.segment, "change": decision.change, "undone": decision.undone}
    _log.info("change_decided", extra=where)
    return write(kept[-1], style)


def decided(recognised: Segment, change: Change, *, undone: bool) -> Segment:
    """The segment as it is kept once a person has undone a change of its written form, or redone it.

    Changes that a style makes are not kept unless they are undone: the style makes them again.
    """
    edits = Edits.of(recognised)
    others = [c for c in edits.changes if not _meet(c, change)]
    if undone or not _OF_STYLE.issuperset(change.reasons):
        others.append(replace(change, undone=undone))
    return Edits(edits.heard, tuple(sorted(others, key=lambda c: (c.start, c.end)))).applied_to(recognised)


def _meet(a: Change, b: Change) -> bool:
    return (a.start, a.end) == (b.start, b.end) or (a.start < b.end and b.start < a.end)
