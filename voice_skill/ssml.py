"""What is said in, the form a speech engine takes out: SSML for Alexa, text with kana readings for the page's voice."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.sax.saxutils import escape

import jaconv

from voice_skill.readings import Piece, pieces
from voice_skill.wording import read_out

SSML_LIMIT_CHARS = 8_000
SSML_LIMIT_BYTES = 9_000  # of the 24 KiB that a whole response may have
PAUSE = "\n"  #: in what is said: a moment of silence
_SLOW, _SLOW_END = '<prosody rate="slow">', "</prosody>"
_ROOT_CHARS = len(f"<speak>{_SLOW}{_SLOW_END}</speak>")
_STRETCH = re.compile(r"[^。！？]{1,200}[。！？]*|[。！？]{1,200}")
_BREAK = '<break time="400ms"/>'
_FORBIDDEN = re.compile(r"[^\n -퟿-�\U00010000-\U0010FFFF]")  # not allowed in XML 1.0, or a tab or return


def ssml(spoken: str, readings: Mapping[str, str], *, slow: bool = False) -> str:
    """SSML of at most 8,000 characters; what would go beyond is left out by whole stretches.

    https://developer.amazon.com/docs/alexa/custom-skills/speech-synthesis-markup-language-ssml-reference.html
    """
    body = ""
    for stretch in _STRETCH.findall(_FORBIDDEN.sub(" ", spoken)):
        marked = "".join(_marked(piece) for piece in pieces(stretch, readings)).replace(PAUSE, _BREAK)
        longer = f"{body}{marked}"
        if len(longer) > SSML_LIMIT_CHARS - _ROOT_CHARS or len(longer.encode()) > SSML_LIMIT_BYTES:
            break
        body = longer
    return f"<speak>{_SLOW}{body}{_SLOW_END}</speak>" if slow else f"<speak>{body}</speak>"


def for_tts(text: str, readings: Mapping[str, str]) -> str:
    """Any text of ours as an engine without SSML should get it: cleaned, numbers read out, names in katakana.

    Katakana, because the engine takes hiragana in the middle of a sentence for particles.
    """
    found = pieces(read_out(text), readings)
    return "".join(jaconv.hira2kata(piece.reading) if piece.reading else piece.text for piece in found)


def _marked(piece: Piece) -> str:
    text = escape(piece.text)
    if piece.reading is None:
        return text
    return f'<sub alias="{escape(piece.reading, {chr(34): "&quot;"})}">{text}</sub>'
