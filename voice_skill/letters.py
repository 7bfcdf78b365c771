"""A Latin letter that stands alone in, its name out: 「A4」「e-Tax」「3R」. The page's voice leaves out such letters."""

from __future__ import annotations

import re

_NAMES = dict(
    zip(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (
            "エー ビー シー ディー イー エフ ジー エイチ アイ ジェー ケー エル エム "
            "エヌ オー ピー キュー アール エス ティー ユー ブイ ダブリュー エックス ワイ ゼット"
        ).split(),
        strict=True,
    )
)
_ALONE = re.compile(r"(?<![A-Za-z])([A-Za-z])(?![A-Za-z])(?:-(?=[A-Za-z\d]))?")


def read_letters(text: str) -> str:
    """A word of letters is left to the voice."""
    text = re.sub("(?<=[A-Za-z])&(?=[A-Za-z])", "アンド", text)
    return _ALONE.sub(lambda m: _NAMES[m[1].upper()], text)
