"""A short meeting that nobody held, to show what a template makes of one."""

from __future__ import annotations

from datetime import date, datetime

from asr.audio import Channels
from asr.recording import accepted
from asr.transcript import Segment, Transcript
from core.blobs import Blob
from core.clock import JST
from minutes.head import Head
from minutes.meeting import Meeting
from minutes.point import Kind, Point, Quote, Wording
from minutes.record import Record

_SAID = (
    ("市長", "ただいまから、見本の会議を始めます。議題1、広報紙の発行について、企画政策課から説明をお願いします。"),
    ("企画政策課長", "来年4月から、月1回の発行にしたいと考えております。"),
    ("総務課長", "ホームページはどのように使うのでしょうか。"),
    ("企画政策課長", "急ぐお知らせを載せます。"),
    ("市長", "では、来年4月から月1回の発行とすることに決定します。企画政策課で予算をまとめて、次回までに報告してください。"),
)
_POINTS = (
    (Kind.AGENDA, 0, Wording(text="議題1、広報紙の発行について")),
    (Kind.DECISION, 4, Wording(text="広報紙は、来年4月から月1回の発行とする。")),
    (Kind.TASK, 4, Wording(text="広報紙の予算をまとめて報告する。", who="企画政策課", due="次回")),
    (Kind.QUESTION, 2, Wording(text="ホームページはどのように使うのでしょうか。", reply="急ぐお知らせを載せます。")),
)
_EACH_S = 12.0


def sample() -> Record:
    """The record, with something at every place."""
    at = datetime(2026, 4, 1, 13, 30, tzinfo=JST)
    blob = Blob(id="sample", size_bytes=0, sha256="")
    recording = accepted(blob, file_name="見本の録音.mp3", channels=Channels.MIXED, speakers="auto", at=at)
    segments = tuple(
        Segment(start_s=i * _EACH_S, end_s=(i + 1) * _EACH_S, text=text, speaker=who) for i, (who, text) in enumerate(_SAID)
    )
    points = tuple(
        Point(id=n, kind=kind, wording=wording, quote=Quote(text=_SAID[i][1], start_s=i * _EACH_S, speaker=_SAID[i][0]))
        for n, (kind, i, wording) in enumerate(_POINTS)
    )
    return Record(
        meeting=Meeting(title="見本の会議", held_on=date(2026, 4, 1), recording=recording),
        transcript=Transcript(segments=segments, duration_s=len(_SAID) * _EACH_S, elapsed_s=0, model="", device=""),
        head=Head(hours="13:30～14:00", place="本庁3階 第1会議室", absent="財政課長", author="総務課"),
        points=points,
    )
