"""Japanese text in, the same text normalised, without politeness, read aloud or thinned out; `wording.py` finds its words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache

from core.variants import USUAL
from retrieval.numerals import in_digits
from retrieval.tokens import tokens

_CONTENT_POS = frozenset({"名詞", "動詞", "形容詞", "形状詞", "副詞"})

_NAME_POS = frozenset({"名詞", "接頭辞", "接尾辞", "記号", "補助記号", "空白"})

_ASKED_OF_A_NAME = re.compile(r"(?<=.)(?:とは|って|は|も|です|だ)[?。!\s]*$")

_POLITE_TAIL = re.compile(
    r"(?:について|に関して)?(?:(?:を|が|は|って)?(?:教えて|知りたい|聞きたい|おしえて|しりたい|お願い|おねがい)"
    r"(?:ください|下さい|ほしい|もらえますか|いただけますか|くれますか|くれ|ね|よ|な|です|んです|のですが|んですが|んだけど|けど|んやけど"
    r"|します|いたします)*)[。.!?！？\s]*$"
)

_HOW = "の?(?:方法|仕方|しかた|やり方)"

_DONE = re.compile(rf"(?:(?:を)?(?:する|した)(?:とき|場合))?の?(?:手続き?|届け?出)(?:{_HOW})?$")

_HANDED_IN = "(?:提?出し?|届け?出|申請|申し?込み?|手続き?)"

_SAID_POLITELY = "(?:です|ます|ん|の|だ|が|けど|けれど|か|よ|な|と思います|と思って(?:い?ます|る))*+$"

#: What is said of a name without asking for anything in particular.
_BARE_WISH = re.compile(
    rf"(?<=..)(?:(?:を?提?出し|を{_HANDED_IN}(?:を?し)?|を?し)たい{_SAID_POLITELY}"
    rf"|の(?:出し方|{_HANDED_IN}?{_HOW}|{_HANDED_IN})$"
    rf"|(?:は|を|って|の{_HANDED_IN}は)?どう(?:やって|すれ|した|する|出す|出せ|申請|手続き?)[すればらいよ]*+{_SAID_POLITELY}"
    rf"|(?:は|を)?どこ[でにへ](?:提?出[すせ]|申請|手続き?)[すればできるらいよ]*+{_SAID_POLITELY}"
    r"|(?:について|に関して|のこと)$)"
)


#: What copying brings along and nobody sees: soft hyphens, zero widths, directions, variants of a glyph.
_UNSEEN = "\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef"
_PICTURES = "\u20e3\u2600-\u27bf\U0001f000-\U0001faff"
_DASHES = "\u2010-\u2015\u2212\u2500-"
_VOICING = str.maketrans("\u309b\u309c", "\u3099\u309a")  #: か゛, as some keyboards write が
_IN_ONE_WAY = (
    (re.compile(f"[{_UNSEEN}]"), ""),
    (re.compile(f"[{_PICTURES}]"), " "),
    (re.compile(f"(?<=[ァ-ヶ])[{_DASHES}](?![0-9A-Za-z])"), "ー"),  # コ−ヒ−
    (re.compile("(?<=[一-鿿0-9])ケ(?=[一-鿿])"), "ヶ"),  # 霧ケ峰
)
_SHORT_CHARS = 100  #: of a text that is kept as it was normalised: a name or a question
#: Few texts have any of this.
_ODD = re.compile(f"[{_UNSEEN}{_PICTURES}\u309b\u309cケｹ{''.join(map(chr, USUAL))}\uff0d{_DASHES}]")


def normalise(text: str) -> str:
    """NFKC, lower case, kanji of names in their usual form, single spaces where spaces or pictures are, and halves of characters,
    which no encoder takes."""
    return _normalised_once(text) if len(text) <= _SHORT_CHARS else _normalised(text)


def _normalised(text: str) -> str:
    if _ODD.search(text):
        text = unicodedata.normalize("NFKC", text.translate(_VOICING)).translate(USUAL)
        for odd, usual in _IN_ONE_WAY:
            text = odd.sub(usual, text)
    return re.sub(r"[\s\ud800-\udfff]+", " ", unicodedata.normalize("NFKC", text)).strip().lower()


#: A question, and the names that it is compared with, are asked for by each kind of reply.
_normalised_once = lru_cache(maxsize=4_096)(_normalised)


def has_words(text: str) -> bool:
    """Whether there is anything but marks and pictures in a text."""
    return re.search(r"[^\W_]", normalise(text)) is not None


def is_bare_name(text: str) -> bool:
    """Whether a text is nouns alone, with or without 「は？」 or 「です」: it names something and says nothing more of it."""
    named = _ASKED_OF_A_NAME.sub("", normalise(text))
    return all(token.pos in _NAME_POS or token.surface == "の" for token in tokens(named))


def is_compound(text: str) -> bool:
    """Whether a text is a bare name, or one in which a verb stands before a noun: かけ布団."""
    found = tokens(_ASKED_OF_A_NAME.sub("", normalise(text)))
    named = all(token.pos in (*_NAME_POS, "動詞") or token.surface == "の" for token in found)
    return is_bare_name(text) or (named and found[-1].pos == "名詞")


def strip_politeness(text: str) -> str:
    """A question without 「…を教えてください」 at its end; unchanged when nothing else would be left."""
    stripped = _POLITE_TAIL.sub("", text).strip()
    return stripped if len(stripped) >= 2 else text


def same_question(text: str) -> str:
    """A key that questions share which differ only in politeness, punctuation, a closing particle or how numbers are written."""
    bare = re.sub(r"[\s、。，．,.!?！？「」『』()（）・…]", "", in_digits(strip_politeness(normalise(text))))
    return re.sub("(?:とは|って|は|を|が|の)$", "", bare) or bare


def keys_of(text: str) -> Iterator[str]:
    """The keys that a question may be found by, surest first: as it is asked; by 転入届, the paper that 「転入の手続き」 is done
    with; by the name alone in 「転入届を出したい」 and 「転入届の申請をしたい」, which ask no more of it than 「転入届」 does."""
    key = same_question(text)
    yield key
    yield _DONE.sub("届", key)
    yield (wished := _BARE_WISH.sub("", key))
    yield _BARE_WISH.sub("", wished)


def reading(text: str) -> str:
    """The text's reading in hiragana."""
    return "".join(token.kana for token in tokens(normalise(text)))


def thinned(text: str, gone: Callable[[], bool]) -> str:
    """A text without some of its content words, each of which `gone` is asked about; one always stays."""
    found = tokens(normalise(text))
    content = [i for i, token in enumerate(found) if token.pos in _CONTENT_POS]
    left_out = {i for i in content if gone()}
    if left_out == set(content):
        left_out -= set(content[:1])
    return "".join(token.surface for i, token in enumerate(found) if i not in left_out)


def is_hiragana(text: str) -> bool:
    """Whether a text is written without kanji, katakana and letters."""
    return bool(re.search("[ぁ-ん]", text)) and not re.search("[一-鿿々ァ-ヶa-zａ-ｚ]", text.lower())
