"""Spoken Japanese in, the same in writing out (整文): other forms of the same words, nothing added and nothing left away."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from asr.edits import Edits
from asr.transcript import Reason
from core.sounds.morphemes import Morpheme, morphemes

_Edit = tuple[int, int, str]
_Tokens = Sequence[Morpheme]

_WORDS = {
    "やっぱり": "やはり",
    "やっぱ": "やはり",
    "ちゃんと": "きちんと",
    "いろんな": "いろいろな",
    "こないだ": "この間",
    "こっち": "こちら",
    "そっち": "そちら",
    "あっち": "あちら",
    "どっち": "どちら",
    "すごく": "とても",
    "すっごく": "とても",
    "しょうがない": "仕方がない",
}
_CAN = {"見れ": "見られ", "食べれ": "食べられ", "来れ": "来られ", "出れ": "出られ", "受けれ": "受けられ", "決めれ": "決められ"}
_SAYING = frozenset("言う 思う 聞く 考える 書く 呼ぶ 申す おっしゃる 仰る 感じる".split())
_QUOTED = frozenset("こと 人 話 感じ 場合 意味 ところ 点".split())
_TAIL = re.compile("(?<=です|ます|した|せん)(?:よね|ね|よ|な)(?=。|$)")
_CATCH = re.compile("(?<=[はがをにでと])ですね、?")


def formal(edits: Edits) -> Edits:
    """てる to ている, けど to が or けれども, んです to のです, っていう to という, and the like."""
    for find in (_by_morpheme, _by_shape):
        for start, end, written in sorted(find(edits.text), reverse=True):
            edits = edits.replace(start, end, written, Reason.STYLE)
    return edits


def _by_morpheme(text: str) -> Iterator[_Edit]:
    tokens = morphemes(text)
    at = 0
    for i, token in enumerate(tokens):
        if token.start < at:
            continue
        for rule in _RULES:
            if edit := rule(tokens, i):
                at = edit[1]
                yield edit
                break


def _by_shape(text: str) -> Iterator[_Edit]:
    """ですね that only catches breath, and what softens the end of a sentence."""
    for pattern in (_CATCH, _TAIL):
        yield from ((m.start(), m.end(), "") for m in pattern.finditer(text))


def _word(tokens: _Tokens, i: int) -> _Edit | None:
    token = tokens[i]
    if written := _WORDS.get(token.surface):
        return token.start, token.end, written
    after = _at(tokens, i + 1)
    if token.pos != "動詞" or (after is not None and after.surface == "ば"):
        return None  # 見れば is no 見れる
    for short, whole in _CAN.items():
        if token.surface.startswith(short):
            return token.start, token.start + len(short), whole
    return None


def _contraction(tokens: _Tokens, i: int) -> _Edit | None:
    """てる, とく, ちゃう behind a verb."""
    token = tokens[i]
    if token.pos != "助動詞":
        return None
    first, rest = token.surface[:1], token.surface[1:]
    if token.lemma == "てる" and first in ("て", "で"):
        after = _at(tokens, i + 1)
        return token.start, token.start + 1, first + ("いる" if not rest and after and after.kind == "準体助詞" else "い")
    if token.lemma == "とく" and first in ("と", "ど"):
        return token.start, token.start + 1, "てお" if first == "と" else "でお"
    if token.lemma == "ちゃう" and rest[:1] == "ゃ":
        return token.start, token.start + 2, "てしま" if first == "ち" else "でしま"
    return None


def _quotation(tokens: _Tokens, i: int) -> _Edit | None:
    """って where it quotes."""
    token, after = tokens[i], _at(tokens, i + 1)
    if token.surface != "って" or token.pos != "助詞" or after is None:
        return None
    if after.lemma in _SAYING or after.surface in ("いう", "いっ", "いい"):
        return token.start, token.end, "と"
    if after.surface in _QUOTED:
        return token.start, token.end, "という"
    return None


def _explanation(tokens: _Tokens, i: int) -> _Edit | None:
    """んです, and なんで between clauses; なんで that asks why stays."""
    token, after = tokens[i], _at(tokens, i + 1)
    if token.surface != "ん" or token.kind != "準体助詞" or after is None:
        return None
    if after.surface in ("です", "でしょ", "でし"):
        return token.start, token.end, "の"
    before = _at(tokens, i - 1)
    if after.surface == "で" and before is not None and before.surface == "な":
        return token.start, token.end, "の"
    return None


def _negation(tokens: _Tokens, i: int) -> _Edit | None:
    """じゃない."""
    token, after = tokens[i], _at(tokens, i + 1)
    if token.surface != "じゃ" or token.pos != "助動詞" or after is None or after.lemma not in ("無い", "ない", "有る", "ある"):
        return None
    before = _at(tokens, i - 1)
    if before is not None and before.surface == "ん" and before.kind == "準体助詞":
        return before.start, token.end, "のでは"
    return token.start, token.end, "では"


def _contrast(tokens: _Tokens, i: int) -> _Edit | None:
    """けど and けども at the end of a clause."""
    token, before, after = tokens[i], _at(tokens, i - 1), _at(tokens, i + 1)
    if token.surface != "けど" or token.kind != "接続助詞" or before is None:
        return None
    also = after is not None and after.surface == "も"
    end = after.end if after is not None and also else token.end
    following = _at(tokens, i + 1 + also)
    if following is not None and following.surface in ("。", "ね", "も"):
        return token.start, end, "けれども"
    polite = before.surface in ("です", "ます", "でしょう") or (before.surface == "た" and _is_polite(_at(tokens, i - 2)))
    return token.start, end, "が" if polite and following is not None else "けれども"


def _is_polite(token: Morpheme | None) -> bool:
    return token is not None and token.surface in ("まし", "でし")


def _at(tokens: _Tokens, i: int) -> Morpheme | None:
    return tokens[i] if 0 <= i < len(tokens) else None


_RULES: tuple[Callable[[_Tokens, int], _Edit | None], ...] = (
    _word,
    _contraction,
    _quotation,
    _explanation,
    _negation,
    _contrast,
)
