"""Characters as fonts of PDFs name them in, the ones that people type, and that look the same, out; and which are Japanese."""

from __future__ import annotations

import unicodedata

_RADICALS = {chr(c): unicodedata.normalize("NFKC", chr(c)) for c in range(0x2F00, 0x2FD6)}
# Where Unicode's own table has none, or another shape than Japanese fonts: by the glyphs of Adobe-Japan1 (UniJIS2004-UTF32-H).
_JAPANESE = "⼾戸⿊黒⺒巳⺟母⺠民⻁虎⻄西⻑長⻘青⻝食⻤鬼⻨麦⻩黄⻫斉⻭歯⻯竜⻲亀"
_DOT = "‧・"  #: one glyph of Noto CJK, which a PDF printed by a browser calls by the wrong name
_UPRIGHT = "︑、︒。︓：︔；︕！︖？︙…︱—︵（︶）︷｛︸｝︹〔︺〕︻【︼】︽《︾》︿〈﹀〉﹁「﹂」﹃『﹄』﹇［﹈］"
_TYPED = str.maketrans(
    _RADICALS | {pair[0]: pair[1] for s in (_JAPANESE, _DOT, _UPRIGHT) for pair in zip(s[::2], s[1::2], strict=True)}
)


def as_typed(text: str) -> str:
    """「⼾籍」 as 「戸籍」, 「︵写し︶」 of vertical lines as 「（写し）」. Other compatibility characters (①, ㈱, ㎡)
    are meant so and stay."""
    return text.translate(_TYPED)


def is_wide(text: str) -> bool:
    """Whether it is of Japanese, which is written without spaces; the quotation marks and dashes of Latin texts are not."""
    return all(unicodedata.east_asian_width(c) in "WF" for c in text)
