"""Text as the recogniser gave it in, the same without its loops and without what nobody said out."""

from __future__ import annotations

import re
import zlib

from asr.edits import Edits
from asr.marks import CLOSING
from asr.transcript import Reason, Segment

_LOOP = re.compile(r"(?P<phrase>[^\d、。](?:[^\d。]{0,38}?[^\d、。])??)[、。 　]*(?:(?P=phrase)[、。 　]*){3,}")
_SHORT_LOOP_CHARS = 16
"""People do say はいはいはいはい: what is said so short is a loop only when it goes on for longer."""

_AGAIN = re.compile(r"(.{5,}?)\1+|(.{12,}).*\2")
_REPEATED = re.compile(r"(.{5,})\1\1|(.{12,}).*\2")  # nobody says so much twice within ten seconds; who does is heard twice
_LOOPING_RATIO = 2.4  # text that compresses better repeats itself (openai/whisper, transcribe.py)

# Said at the end of videos, from which Whisper learned them; in a council only over its broadcast.
_OF_VIDEOS = re.compile(
    "(?:最後まで)?ご?視聴(?:いただき|頂き|を|してくれて|してくださり)?(?:まして)?、?(?:誠に|本当に|どうも)?ありがとうござい(?:ました|ます)"
    "|見てくれてありがとう(?:ございま(?:す|した))?|(?:是非|ぜひ)?チャンネル登録(?:と高評価|、高評価)?(?:を|も)?(?:よろしく)?お願い(?:いた|致)?します"
    "|(?:高評価|グッドボタン)(?:を|も)?(?:よろしく)?お願い(?:いた|致)?します|(?:それでは)?(?:また)?次(?:回)?の動画で(?:また)?お会いしましょう"
    "|字幕(?:視聴)?(?:by|作成者?|提供|制作)?[:： 　]?.{0,20}|(?:次回|次)の動画もお楽しみに"
)
# Said at the end of meetings too.
_OF_MEETINGS = re.compile(
    "(?:ご清聴|ご静聴|ご覧いただき|お聞きいただき)(?:いただき)?(?:まして)?、?(?:誠に|どうも)?ありがとうござい(?:ました|ます)"
    "|(?:どうも)?ありがとうござい(?:ました|ます)|お疲れ(?:様|さま)でした|おやすみなさい|(?:バイ){2}|はい|ん+"
)
_BARE = re.compile(rf"[{CLOSING}\s　]")

_FASTEST_CHARS_PER_S = 12.0  # of Japanese as it is written; about 5 to 9 are usual
_UNSURE = 0.45
_HARDLY_ANYBODY, _SURELY_SILENT = 0.5, 0.8


def repeats_itself(text: str) -> bool:
    """Whether a clip's text says so much twice that it needs a second look."""
    if _REPEATED.search(text):
        return True
    raw = text.encode()
    return len(raw) / len(zlib.compress(raw)) > _LOOPING_RATIO


def said_once(text: str) -> str:
    """The text with what it says twice or more said once."""
    return _AGAIN.sub(lambda m: m[1] or m[0].removesuffix(m[2]), text)


def guarded(edits: Edits, segment: Segment, no_speech: float) -> Edits:
    """What the sound does not bear out goes: of a loop all but what is repeated in it, of a stock phrase all. `no_speech` is how
    probably nobody speaks, 0..1, as the recogniser sees it."""
    text = _BARE.sub("", edits.text)
    doubtful = _is_doubtful(text, segment, no_speech)
    if (doubtful and _OF_VIDEOS.fullmatch(text)) or (no_speech >= _SURELY_SILENT and _OF_MEETINGS.fullmatch(text)):
        return edits.replace(0, len(edits.text), "", Reason.INVENTED)
    return _once(edits) if doubtful else edits  # 「賛成です」 of four people one after the other is no loop


def _once(edits: Edits) -> Edits:
    for m in reversed(list(_LOOP.finditer(edits.text))):
        phrase, loop = m["phrase"], m[0]
        if len(set(phrase)) == 1:
            phrase = phrase[0]
        if len(phrase) < 3 and len(_BARE.sub("", loop)) < _SHORT_LOOP_CHARS:
            continue
        mark = loop[-1] if loop[-1] in "、。" else ""
        edits = edits.replace(m.start(), m.end(), phrase + mark, Reason.LOOP)
    return edits


def _is_doubtful(text: str, segment: Segment, no_speech: float) -> bool:
    """Whether anything speaks against a text: nobody speaks so fast, or hardly anybody speaks, or the recogniser is unsure."""
    return (
        len(text) > _FASTEST_CHARS_PER_S * (segment.end_s - segment.start_s)
        or no_speech >= _HARDLY_ANYBODY
        or (segment.confidence is not None and segment.confidence < _UNSURE)
    )
