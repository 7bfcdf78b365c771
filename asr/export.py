"""A transcript in, a file for people or programs out: JSON, text, subtitles, Word."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from asr.edits import Edits
from asr.pieces import pieces
from asr.transcript import Segment, Transcript
from core.paper import blank, saved
from core.printable import printable


class Format(StrEnum):
    """How a transcript is written."""

    JSON = "json"
    TXT = "txt"
    SRT = "srt"
    VTT = "vtt"
    DOCX = "docx"


MEDIA_TYPES = {
    Format.JSON: "application/json",
    Format.TXT: "text/plain; charset=utf-8",
    Format.SRT: "application/x-subrip; charset=utf-8",
    Format.VTT: "text/vtt; charset=utf-8",
    Format.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


_ASIDE_S = 2.0  #: that a subtitle of it is shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """What happened beside what was said, such as sound that never came."""

    at_s: float
    text: str
    who: str = ""  #: whose it is

    @property
    def line(self) -> str:
        return printable(f"{self.text}（{self.who}）" if self.who else self.text)


_Told = Segment | Aside


def render(
    transcript: Transcript,
    form: Format,
    *,
    title: str,
    about: str = "",
    mark: str = "",
    asides: Sequence[Aside] | None = None,
) -> bytes:
    """The transcript in one format. Text formats are UTF-8; `title` and `about` (when, whose it is and what happened) head the
    Word file. `mark` tells this file from other copies: it stands at its beginning, and in Word at the foot of each page.
    `asides` stand in their places; None where nobody looked for any."""
    mark = printable(mark)
    told: list[_Told] = [*(asides or ()), *transcript.segments]
    told.sort(key=lambda t: t.at_s if isinstance(t, Aside) else t.start_s)
    match form:
        case Format.JSON:
            return _json(transcript, mark, asides).encode()
        case Format.TXT:
            return ((f"{mark}\n" if mark else "") + _txt(told)).encode()
        case Format.SRT:
            return _srt(([_shown_first(mark)] if mark else []) + [_shown(t) for t in told]).encode()
        case Format.VTT:
            return _vtt(told, mark).encode()
        case Format.DOCX:
            return _docx(transcript, title, about, mark)


def _shown_first(mark: str) -> Segment:
    """SubRip has no comments: the mark is a subtitle of its own, too short to be seen."""
    return Segment(start_s=0.0, end_s=0.001, text=mark)


def _shown(told: _Told) -> Segment:
    """Who reads subtitles has to see that something is missing."""
    if isinstance(told, Segment):
        return told
    return Segment(start_s=told.at_s, end_s=told.at_s + _ASIDE_S, text=f"［{told.line}］")


def _json(transcript: Transcript, mark: str, asides: Sequence[Aside] | None) -> str:
    beside = {} if asides is None else {"remarks": [{"start": a.at_s, "text": a.text, "speaker": a.who or None} for a in asides]}
    record: dict[str, object] = ({"copy": mark} if mark else {}) | {
        "text": transcript.text,
        "segments": [_segment(s) for s in transcript.segments],
        "turns": [{"start": t.start_s, "end": t.end_s, "speaker": t.speaker} for t in transcript.turns],
        "duration_s": round(transcript.duration_s, 3),
        "elapsed_s": round(transcript.elapsed_s, 3),
        "model": transcript.model,
        "device": transcript.device,
    }
    record |= beside
    return json.dumps(record, ensure_ascii=False, indent=1) + "\n"


def _segment(s: Segment) -> dict[str, object]:
    """`words` are those of the written text; none where their times are not known."""
    edits = Edits.of(s)
    words = [p for p in pieces(s) if p.text] if s.words else []
    return {
        "start": s.start_s,
        "end": s.end_s,
        "text": s.text,
        "speaker": s.speaker,
        "channel": s.channel,
        "confidence": s.confidence,
        "heard": edits.heard,
        "words": [{"start": w.start_s, "end": w.end_s, "text": w.text, "confidence": w.confidence} for w in words],
        "changes": [
            {
                "start": c.start,
                "end": c.end,
                "heard": edits.heard[c.start : c.end],
                "written": c.written,
                "reasons": list(c.reasons),
                "undone": c.undone,
            }
            for c in edits.changes
        ],
    }


def _txt(told: Iterable[_Told]) -> str:
    return "".join(f"[{_clock(s.start_s)}] {_named(s)}\n" for s in map(_shown, told))


def _srt(segments: Iterable[Segment]) -> str:
    cues = (
        f"{number}\n{_stamp(s.start_s, ',')} --> {_stamp(s.end_s, ',')}\n{_named(s)}\n"
        for number, s in enumerate(segments, start=1)
    )
    return "\n".join(cues)


def _vtt(told: Iterable[_Told], mark: str) -> str:
    """WebVTT (https://www.w3.org/TR/webvtt1/): the speaker is a voice span, and markup in the text is escaped."""
    cues = ["WEBVTT\n", *([f"NOTE {_escape(mark)}\n"] if mark else [])]
    for s in told:
        if isinstance(s, Aside):
            cues.append(f"NOTE [{_clock(s.at_s)}] {_escape(s.line)}\n")
            continue
        who = _who(s)
        voice = f"<v {_escape(who)}>" if who else ""
        cues.append(f"{_stamp(s.start_s, '.')} --> {_stamp(s.end_s, '.')}\n{voice}{_escape(s.text)}\n")
    return "\n".join(cues)


def _docx(transcript: Transcript, title: str, about: str, mark: str) -> bytes:
    from docx.shared import Pt

    heading, facts = printable(title), printable(about)
    document = blank(heading)
    if facts:
        document.add_paragraph(facts)
    document.add_paragraph(f"録音の長さ {_clock(transcript.duration_s)}　自動文字起こし（内容は録音で確認してください）")
    for s in transcript.segments:
        paragraph = document.add_paragraph()
        paragraph.add_run(f"{_clock(s.start_s)}　").font.size = Pt(8)
        if who := _who(s):
            paragraph.add_run(f"{who}　").bold = True
        paragraph.add_run(s.text)
    if not transcript.segments:
        document.add_paragraph("発言は見つかりませんでした。")
    if mark:
        document.sections[0].footer.add_paragraph().add_run(mark).font.size = Pt(8)
    return saved(document)


def _who(segment: Segment) -> str:
    if segment.speaker:
        return segment.speaker
    return "" if segment.channel is None else f"チャンネル{segment.channel + 1}"


def _named(segment: Segment) -> str:
    who = _who(segment)
    return f"{who}: {segment.text}" if who else segment.text


def _clock(seconds: float) -> str:
    minutes, second = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{second:02d}"


def _stamp(seconds: float, point: str) -> str:
    """00:00:00,000 for subtitles."""
    whole, ms = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}{point}{ms:03d}"


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
