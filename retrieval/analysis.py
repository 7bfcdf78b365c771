"""Japanese text in, normalised text and content lemmas out: the one place where Japanese is analysed for search."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Callable
from functools import lru_cache

import fugashi

_FUNCTION_POS = frozenset({"助詞", "助動詞", "補助記号", "記号", "空白", "接頭辞", "感動詞", "接続詞", "代名詞", "連体詞"})

_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}
_CONTENT_POS = frozenset({"名詞", "動詞", "形容詞", "形状詞", "副詞"})
_MARKS = frozenset({"補助記号", "記号", "空白"})

# Lemmas that a question has because it is a question, not because of what it asks.
_QUESTION_LEMMAS = frozenset(
    "為る 居る 有る 成る 出来る 言う 教える 知る 下さる 呉れる 貰う 頂く 致す 御座る 良い 良う 何 何処 何時 如何 誰 何れ 幾つ "
    "事 物 方 時 場合 所 訳 為 様 上 思う 分かる 遣る 見る 欲しい 願う 質問 どう そう こう".split()
)

# Written differently, meant the same: folded before the analyser sees them.
_SPELLINGS = (
    (re.compile("引っ?越し?|ひっこし"), "引っ越し"),
    (re.compile("子供|こども"), "子ども"),
    (re.compile("障害者(?!手帳|総合|基本|差別)|障碍者"), "障がい者"),
    (re.compile("ゴミ|塵芥"), "ごみ"),
    (re.compile("マイナカード|マイナンバーのカード|個人番号カード"), "マイナンバーカード"),
    (re.compile("マイナ(?=保険証)"), "マイナンバーカード "),
    (re.compile("ワクチン"), "予防接種"),
)

# Different words of one stem that ask for the same thing.
_STEMS = {
    "引っ越す": "引っ越し",
    "転居": "引っ越し",
    "越す": "引っ越し",
    "捨てる": "出す",
    "無くなる": "無くす",
    "紛失": "無くす",
}

_POLITE_TAIL = re.compile(
    r"(?:について|に関して)?(?:(?:を|が|は|って)?(?:教えて|知りたい|聞きたい|おしえて|しりたい|お願い|おねがい)"
    r"(?:ください|下さい|ほしい|もらえますか|いただけますか|くれますか|くれ|ね|よ|な|です|んです|のですが|んですが|んだけど|けど|んやけど"
    r"|します|いたします)*)[。.!?？！\s]*$"
)

_local = threading.local()


def _tagger() -> fugashi.Tagger:
    """A tagger of the thread's own: MeCab's lattice must not be shared."""
    tagger = getattr(_local, "tagger", None)
    if tagger is None:
        tagger = _local.tagger = fugashi.Tagger()
    return tagger


def normalise(text: str) -> str:
    """NFKC, lower case, single spaces."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip().lower()


def strip_politeness(text: str) -> str:
    """A question without 「…を教えてください」 at its end; unchanged when nothing else would be left."""
    stripped = _POLITE_TAIL.sub("", text).strip()
    return stripped if len(stripped) >= 2 else text


def same_question(text: str) -> str:
    """A key that questions share which differ only in politeness, punctuation or a closing particle."""
    bare = re.sub(r"[\s、。，．,.!?！？「」『』()（）・…]", "", strip_politeness(normalise(text)))
    return re.sub("(?:とは|って|は|を|が|の)$", "", bare) or bare


@lru_cache(maxsize=20_000)
def lemmas(text: str) -> tuple[str, ...]:
    """The content lemmas of a text in order, particles and the wording of asking left out."""
    folded = normalise(text)
    for pattern, spelling in _SPELLINGS:
        folded = pattern.sub(spelling, folded)
    found = []
    for word in _tagger()(folded):
        if word.feature.pos1 in _FUNCTION_POS:
            continue
        lemma = (word.feature.lemma or word.surface).split("-")[0]
        if lemma not in _QUESTION_LEMMAS:
            found.append(_STEMS.get(lemma, lemma))
    return tuple(found)


@lru_cache(maxsize=2_000)
def words(text: str) -> tuple[tuple[str, str], ...]:
    """The words of a text as they are written, each with its reading in hiragana as far as the dictionary knows it."""
    found = _tagger()(normalise(text))
    return tuple((w.surface, to_hiragana(w.feature.kana or w.surface)) for w in found if w.feature.pos1 not in _MARKS)


def reading(text: str) -> str:
    """The text's reading in hiragana."""
    return to_hiragana("".join(word.feature.kana or word.surface for word in _tagger()(normalise(text))))


def to_hiragana(kana: str) -> str:
    return kana.translate(_HIRAGANA)


def thinned(text: str, gone: Callable[[], bool]) -> str:
    """A text without some of its content words, each of which `gone` is asked about; one always stays."""
    found = _tagger()(normalise(text))
    content = [i for i, w in enumerate(found) if w.feature.pos1 in _CONTENT_POS]
    left_out = {i for i in content if gone()}
    if left_out == set(content):
        left_out -= set(content[:1])
    return "".join(w.surface for i, w in enumerate(found) if i not in left_out)


def is_hiragana(text: str) -> bool:
    """Whether a text is written without kanji, katakana and letters."""
    return bool(re.search("[ぁ-ん]", text)) and not re.search("[一-鿿々ァ-ヶa-zａ-ｚ]", text.lower())


@lru_cache(maxsize=20_000)
def kana_grams(text: str) -> tuple[str, ...]:
    """Pieces of two and three kana of the reading: they match where no dictionary cuts a text into words."""
    kana = re.sub("[^ぁ-んー]", "", "".join(k for _, k in words(strip_politeness(text))))
    return tuple(kana[i : i + n] for n in (2, 3) for i in range(len(kana) - n + 1))
