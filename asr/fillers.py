"""Text as it was spoken in, the same without fillers, repeats and restarts out (ケバ取り)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

from asr.edits import Edits
from asr.marks import CLOSING
from asr.transcript import Reason
from core.sounds.morphemes import Morpheme, morphemes


class Level(StrEnum):
    """How far the writing goes from what was said."""

    VERBATIM = "verbatim"  #: 素起こし
    CLEAN = "clean"  #: ケバ取り
    FORMAL = "formal"  #: 整文


_ALWAYS = re.compile(
    "え[えーぇ〜～]*っ?とー?|え[ーぇ〜～]+|あ[ーぁ〜～]+|う[ーぅ〜～]+ん?|ん[ー〜～]+|あの[ーぉ〜～]+|その[ーぉ〜～]+|ま[ー〜～]+"
)
_HESITATIONS = ("あの", "その", "まあ", "なんか", "こう")  # between pauses only; elsewhere they mean something
_PAUSES = "、，,…"
_AFTER_MAA = frozenset({"副詞", "連体詞", "代名詞", "接続詞", "名詞"})
_KANA = re.compile("[ぁ-ん]{1,2}")
_KANA_AND_PAUSE = re.compile("[ぁ-ん][、，,…]")


def without_fillers(edits: Edits) -> Edits:
    """Leave out what carries no meaning: not あの人, その件 or まあまあ, and not はい or ええ, which answer."""
    for find in (_fillers, _restarts, _repeats):
        for start, end in reversed(list(find(edits.text))):
            edits = edits.replace(start, end, "", Reason.FILLER)
    return edits


def _fillers(text: str) -> Iterator[tuple[int, int]]:
    """Each filler with the pause behind it."""
    tokens = morphemes(text)
    ends = {t.end for t in tokens}
    at = 0
    for i, token in enumerate(tokens):
        end = _filler_end(text, tokens, i)
        if token.start >= at and end in ends:
            at = _behind_pause(text, end)
            yield token.start, at


def _filler_end(text: str, tokens: tuple[Morpheme, ...], i: int) -> int:
    """Where the filler ends that begins with a morpheme; 0 for none."""
    token = tokens[i]
    m = _ALWAYS.match(text, token.start)
    if m and (token.pos == "感動詞" or _begins(text, token.start)):
        before = tokens[i - 1] if i else None  # いえー and はあー are words that the analyser takes apart
        own = before is None or before.end < token.start or before.pos != "感動詞" or _ALWAYS.fullmatch(before.surface)
        return m.end() if own else 0
    if token.surface == "まあ":
        after = tokens[i + 1] if i + 1 < len(tokens) else None
        spare = _begins(text, token.start) and (after is None or after.surface in _PAUSES or after.pos in _AFTER_MAA)
        return token.end if spare else 0
    if token.surface in _HESITATIONS and text[token.end : token.end + 1] in tuple(_PAUSES):
        return token.end if _begins(text, token.start, after_filler=tokens[:i]) else 0
    return 0


def _begins(text: str, start: int, *, after_filler: tuple[Morpheme, ...] = ()) -> bool:
    """Whether a clause begins here."""
    if start == 0 or text[start - 1] in CLOSING:
        return True
    return bool(after_filler) and bool(_ALWAYS.fullmatch(after_filler[-1].surface))


def _behind_pause(text: str, end: int) -> int:
    while end < len(text) and text[end] in _PAUSES:
        end += 1
    return end


def _restarts(text: str) -> Iterator[tuple[int, int]]:
    """わ、 in わ、私は: one or two kana that the next word begins with."""
    if not _KANA_AND_PAUSE.search(text):
        return
    tokens = morphemes(text)
    for i, token in enumerate(tokens[:-2]):
        pause, word = tokens[i + 1], tokens[i + 2]
        sound = _katakana(token.surface)
        if (
            _KANA.fullmatch(token.surface)
            and pause.surface in _PAUSES
            and _begins(text, token.start)
            and len(word.reading) > len(sound)
            and word.reading.startswith(sound)
            and word.pos != "感動詞"
        ):
            yield token.start, word.start


def _repeats(text: str) -> Iterator[tuple[int, int]]:
    """The first 市役所の、 in 市役所の、市役所の: phrases that end with a particle, said again after a pause."""
    at = 0
    for m in re.finditer("(?P<phrase>[^、。，．,.!?！？…]{3,20})[、，,…]+(?=(?P=phrase))", text):
        if m.start() >= at and _ends_with_particle(text, m.end("phrase")) and _begins(text, m.start()):
            at = m.end()
            yield m.start(), at


def _ends_with_particle(text: str, end: int) -> bool:
    return any(t.end == end and t.pos == "助詞" for t in morphemes(text))


def _katakana(kana: str) -> str:
    return "".join(chr(ord(c) + 0x60) if "ぁ" <= c <= "ゖ" else c for c in kana)
