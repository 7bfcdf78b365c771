"""What was said without a stop in, the same without the full stops that the recogniser put at the ends of its clips out.

A clip ends where ten seconds leave it no choice, in the middle of a sentence often, and Whisper closes it all the same:
「1時間の会議で。」「平均して4時間」. What stands before such a mark can end no sentence that is gone on with at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from asr.edits import Edits
from asr.transcript import Reason, Segment
from core.sounds.morphemes import Morpheme, morphemes

_AT_ONCE_S = 0.3
_CASES = ("を", "に", "へ", "と", "で")  #: particles behind which something has to come
_CLAUSES = ("て", "で", "と", "ば")


def flowing(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """The segments of one channel in order of time, with a comma where a sentence goes on in the next one."""
    return tuple(_in_order(tuple(segments)))


def _in_order(segments: tuple[Segment, ...]) -> Iterator[Segment]:
    for segment, following in pairwise(segments):
        goes_on = following.start_s - segment.end_s < _AT_ONCE_S and segment.text.endswith("。") and _is_open(segment.text[:-1])
        yield _open(segment) if goes_on else segment
    yield from segments[-1:]


def _open(segment: Segment) -> Segment:
    end = len(segment.text)
    return Edits.of(segment).replace(end - 1, end, "、", Reason.PUNCTUATION).applied_to(segment)


def _is_open(text: str) -> bool:
    """Whether a text breaks off in a sentence."""
    last = next(reversed(morphemes(text)), None)
    return last is not None and _needs_more(last)


def _needs_more(last: Morpheme) -> bool:
    if last.pos == "助詞":
        return last.surface in (_CASES if last.kind == "格助詞" else _CLAUSES if last.kind == "接続助詞" else ())
    return last.pos in ("動詞", "助動詞") and last.form.startswith("連用形")
