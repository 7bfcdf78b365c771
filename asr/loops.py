"""Text as the recogniser gave it in, the same without its loops and without what nobody said out."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

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

_FASTEST_CHARS_PER_S = 18.0  # of anybody's Japanese; about 5 to 9 are usual
_SPOKEN_SHARE = 0.35
_UNSURE = 0.45
_SURELY_SILENT = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Audio:
    """What the audio says of a segment, apart from its text; None for what is not known."""

    spoken_s: float | None = None  #: seconds in it in which a voice was found
    no_speech: float | None = None  #: 0..1, that nobody speaks, as the recogniser sees it


def repeats_itself(text: str) -> bool:
    """Whether a clip's text says so much twice that it needs a second look."""
    if _REPEATED.search(text):
        return True
    raw = text.encode()
    return len(raw) / len(zlib.compress(raw)) > _LOOPING_RATIO


def said_once(text: str) -> str:
    """The text with what it says twice or more said once."""
    return _AGAIN.sub(lambda m: m[1] or m[0].removesuffix(m[2]), text)


def guarded(edits: Edits, segment: Segment, audio: Audio) -> Edits:
    """Loops become what is repeated in them; a stock phrase goes where the audio does not bear it out."""
    edits = _once(edits)
    text = _BARE.sub("", edits.text)
    of_videos = _OF_VIDEOS.fullmatch(text) is not None
    if (of_videos and _doubtful(segment, audio, text)) or (_OF_MEETINGS.fullmatch(text) and _silent(audio, text)):
        return edits.replace(0, len(edits.text), "", Reason.INVENTED)
    return edits


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


def _silent(audio: Audio, text: str) -> bool:
    """Whether the audio itself says that nobody can have spoken this."""
    if audio.spoken_s is not None:
        return audio.spoken_s < _SPOKEN_SHARE * len(text) / _FASTEST_CHARS_PER_S
    return audio.no_speech is not None and audio.no_speech >= _SURELY_SILENT


def _doubtful(segment: Segment, audio: Audio, text: str) -> bool:
    """Whether anything speaks against it: too little voice, too many characters a second, or an unsure recogniser."""
    length_s = segment.end_s - segment.start_s
    return (
        (audio.spoken_s is not None and audio.spoken_s < _SPOKEN_SHARE * length_s)
        or _silent(audio, text)
        or (audio.no_speech is not None and audio.no_speech >= 0.5)
        or len(text) > _FASTEST_CHARS_PER_S * length_s
        or (segment.confidence is not None and segment.confidence < _UNSURE)
    )
