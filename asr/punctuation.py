"""Text and the pauses of the speaker in, the same with 、 and 。 where they are missing out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

from asr.edits import Edits
from asr.marks import CLOSING
from asr.transcript import Reason, Word
from core.sounds.morphemes import Morpheme, morphemes

_PAUSE_S = 0.35
_LONG_PAUSE_S = 0.7
_FEWEST_CHARS = 4  # between two commas
_MARKS = CLOSING + "「」『』（）()・"
_END = re.compile(
    "(?:です|ます|でした|ました|ません|ください|下さい|でしょう|ましょう|である|であった|ございます|おります|いたします|思います)(?:か|ね|よ|よね|かね)?$"
)
_CLEAR_END = re.compile(
    "(?:です|でしょう|ましょう)(?:か|ね|よ|よね)?$|(?:ます|ました|ません)(?:か|ね|よ|よね)$"
    "|(?:ください|下さい|ございます|いたします)$"
)
_SENTENCE = re.compile(
    "(?:(?<![はがでにもて])です|ます|でした|ました|ません|ください|下さい|でしょう|ましょう)$"
)  #: which a comma does not go on from; 「今回はですね、」 does
_CONNECTED = frozenset({"助詞", "助動詞", "接尾辞", "補助記号", "記号"})
_OPENERS = tuple(
    "それでは では 次に 続いて 続きまして また なお そして しかし ただ それから じゃあ はい ありがとう 以上 "
    "承知しました 分かりました わかりました".split()
)


def punctuated(edits: Edits, words: Sequence[Word]) -> Edits:
    """Close sentences, and put commas where the speaker pauses. Of the marks that are there a comma behind a whole sentence
    closes it, the others stay, and none is ever doubled."""
    text, pauses = edits.text, _pauses(edits, words)
    edges = {t.start: t for t in morphemes(text)}
    closed = ((at, at + 1, "。") for at in _commas(text) if _ends(text, at, edges.get(at + 1)))
    put_in = ((at, at, mark) for at, mark in _marks(text, edges, pauses))
    for start, end, mark in sorted([*closed, *put_in], reverse=True):
        edits = edits.replace(start, end, mark, Reason.PUNCTUATION)
    return edits


def _commas(text: str) -> Iterator[int]:
    return (at for at, char in enumerate(text) if char == "、")


def _ends(text: str, at: int, following: Morpheme | None) -> bool:
    """Whether a comma there stands behind a whole sentence."""
    goes_on = following is not None and following.pos in _CONNECTED
    return not goes_on and _SENTENCE.search(text[max(0, at - 10) : at]) is not None


def _pauses(edits: Edits, words: Sequence[Word]) -> dict[int, float]:
    """Seconds of silence by their places in the text; nothing where the times of words are not known."""
    if "".join(w.text for w in words) != edits.heard:
        return {}
    borders = accumulate(len(w.text) for w in words)
    gaps = {border: b.start_s - a.end_s for border, (a, b) in zip(borders, pairwise(words), strict=False)}
    found: dict[int, float] = {}
    for border, gap_s in gaps.items():
        if gap_s >= _PAUSE_S and not any(c.start < border < c.end and not c.undone for c in edits.changes):
            at = edits.written_span(border, border)[0]
            found[at] = max(gap_s, found.get(at, 0.0))
    return found


def _marks(text: str, edges: dict[int, Morpheme], pauses: dict[int, float]) -> Iterator[tuple[int, str]]:
    last = 0  # where the last mark is
    for at in range(1, len(text) + 1):
        if text[at - 1] in _MARKS:
            last = at
        elif at == len(text):
            if _END.search(text):
                yield at, "。"
        elif mark := _mark(text, at, edges.get(at), pauses.get(at, 0.0)):
            close = at - last < _FEWEST_CHARS or any(c in _MARKS for c in text[at : at + 2])
            if mark == "。" or not close:
                yield at, mark
                last = at


def _mark(text: str, at: int, following: Morpheme | None, pause_s: float) -> str | None:
    """What is missing between text[:at] and text[at:]."""
    if following is None or following.pos in _CONNECTED or text[at] in _MARKS:
        return None
    before = text[max(0, at - 10) : at]
    if _CLEAR_END.search(before) and following.kind != "非自立可能" and not text.startswith(("こと", "よう", "もの"), at):
        return "。"
    if _END.search(before) and (pause_s >= _LONG_PAUSE_S or text.startswith(_OPENERS, at)):
        return "。"
    return "、" if pause_s >= _PAUSE_S else None
