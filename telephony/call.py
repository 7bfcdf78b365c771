"""A recorded phone call: its two sides, what is known of it, and its dialogue in the order of time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from unicodedata import category

from asr.handover import Handover, tells_who
from asr.recording import Recording
from asr.transcript import Segment
from core.clock import JST
from core.errors import InvalidInput

OUR_NAME, OTHER_NAME = "市役所", "相手"
_LONGEST_NAME = 100
_LONGEST_NUMBER = 40
_UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
_FIRST_CALL = datetime(1900, 1, 1, tzinfo=JST)
_CLOCKS_DIFFER = timedelta(days=1)


class Side(StrEnum):
    """Who of the two speaks."""

    OURS = "ours"  #: 市役所
    OTHER = "other"  #: 相手


def side_of(channel: int | None, our_channel: int) -> Side:
    return Side.OURS if channel == our_channel else Side.OTHER


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoke:
    """Who spoke for a side before another did, as before a transfer."""

    side: Side
    until_s: float
    name: str
    number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Who spoke on which channel of a recording, and when. Names and number are those of the last."""

    our_channel: int = 0  #: 0 = left, 1 = right
    our_name: str = OUR_NAME
    other_name: str = OTHER_NAME
    caller_number: str | None = None
    started_at: datetime | None = None
    lone: bool = False  #: one channel has all that was recorded, of one party or of both: nobody knows which
    before: tuple[Spoke, ...] = ()  #: in the order of time

    def __post_init__(self) -> None:
        if self.our_channel not in (0, 1):
            raise InvalidInput("市役所側のチャンネルは、0(左)か 1(右)を指定してください。")
        if not self.our_name.strip() or not self.other_name.strip():
            raise InvalidInput("市役所側と相手側の名前を入力してください。")
        if max(len(self.our_name), len(self.other_name)) > _LONGEST_NAME:
            raise InvalidInput(f"名前は{_LONGEST_NAME}文字までにしてください。")
        if self.caller_number and len(self.caller_number) > _LONGEST_NUMBER:
            raise InvalidInput(f"電話番号は{_LONGEST_NUMBER}文字までにしてください。")
        if self.started_at and self.started_at.tzinfo is None:
            raise InvalidInput("通話の開始日時には時差を付けてください。")

    @classmethod
    def as_told(
        cls,
        *,
        our_name: str,
        other_name: str,
        caller_number: str,
        started_at: datetime,
        lone: bool = False,
        before: Iterable[Spoke] = (),
    ) -> Parties:
        """Of a call that the product recorded: what a telephone exchange told may be anything, and no call is lost by it."""
        return cls(
            our_name=_name(our_name, Side.OURS),
            other_name=_name(other_name, Side.OTHER),
            caller_number=_number(caller_number) or None,
            started_at=started_at,
            lone=lone,
            before=tuple(replace(spoke, name=_name(spoke.name, spoke.side), number=_number(spoke.number)) for spoke in before),
        )

    def require_plausible(self, at: datetime) -> None:
        """Of a new call. Raises InvalidInput where a name would break the lines that it heads, or the call can't have begun by
        then: a year was mistyped, or a recorder's clock is wrong."""
        told = self.our_name + self.other_name + (self.caller_number or "")
        if _seen(told) != told:
            raise InvalidInput("名前と電話番号には、改行などの見えない文字を入れないでください。")
        if self.started_at and not _FIRST_CALL <= self.started_at <= at + _CLOCKS_DIFFER:
            raise InvalidInput("通話の開始日時が、今より先か、古すぎます。年月日を確かめてください。")

    def side(self, channel: int | None) -> Side:
        return side_of(channel, self.our_channel)

    def name(self, side: Side, at_s: float | None = None) -> str:
        """What a side is called on the screen and in files: 市役所（市民課）, 相手（0986-00-0000）. Where a moment is given, who
        spoke for it then."""
        name, number = (self.our_name, "") if side is Side.OURS else (self.other_name, self.caller_number)
        for spoke in self.before:
            if at_s is not None and spoke.side is side and at_s < spoke.until_s:
                name, number = spoke.name, "" if side is Side.OURS else spoke.number
                break
        return f"{name}（{number}）" if number else name

    @property
    def handovers(self) -> list[Handover]:
        """Where another goes on speaking, by channel; a lone one has both sides, and nobody knows which that is."""
        ours, channels = self.our_channel, (0, 1)
        return [
            Handover(channel=channel, at_s=spoke.until_s)
            for spoke in self.before
            for channel in channels
            if self.lone or channel == (ours if spoke.side is Side.OURS else 1 - ours)
        ]

    def names(self, side: Side) -> list[tuple[float, str]]:
        """All who spoke for a side one after the other, and since when."""
        found: list[tuple[float, str]] = []
        for since_s in (0.0, *(spoke.until_s for spoke in self.before if spoke.side is side)):
            if (name := self.name(side, since_s)) not in (known for _, known in found[-1:]):
                found.append((since_s, name))
        return found

    def speaker(self, side: Side, at_s: float) -> str:
        """Who says what is heard of a side at a moment, as far as it is known."""
        return f"{self.name(side, at_s)}との通話" if self.lone else self.name(side, at_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something that happened in a call beside what was said."""

    at_s: float
    text: str
    side: Side | None = None  #: whose it is; None for both

    def line(self, parties: Parties) -> str:
        """For a file: 1:05 音声欠落 2.3秒（相手）"""
        who = self.who(parties)
        return f"{_clock(self.at_s)} {self.text}{f'（{who}）' if who else ''}"

    def who(self, parties: Parties) -> str:
        """Whose it is; nothing where it is of both."""
        return parties.name(self.side, self.at_s) if self.side else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """A call that is kept. It shares its recording's id."""

    recording: Recording
    parties: Parties
    imported_by: str
    remarks: tuple[Remark, ...] = ()  #: of a call that the product recorded itself

    @property
    def id(self) -> str:
        return self.recording.id

    @property
    def created_at(self) -> datetime:
        return self.recording.created_at

    @property
    def about(self) -> str:
        """When it was, who spoke, and what happened beside."""
        at = self.parties.started_at
        began = f"{at.astimezone(JST):%Y年%-m月%-d日%-H時%M分}" if at else "不明"
        ours, other = (_in_turn(self.parties.names(side)) for side in Side)
        about = f"通話の開始 {began} 市役所側 {ours} 相手側 {other}"
        happened = "、".join(remark.line(self.parties) for remark in self.remarks)
        return f"{about} 通話中 {happened}" if happened else about


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A stretch of the dialogue."""

    side: Side
    segment: Segment  #: with the side's name as speaker


def _seen(text: str) -> str:
    return "".join(c for c in text if category(c) not in _UNSEEN)


def _name(told: str, side: Side) -> str:
    return _seen(told).strip()[:_LONGEST_NAME] or (OUR_NAME if side is Side.OURS else OTHER_NAME)


def _number(told: str) -> str:
    return _seen(told).strip()[:_LONGEST_NUMBER]


def _in_turn(names: Iterable[tuple[float, str]]) -> str:
    """市役所（市民課）、1:05から 市役所（税務課）"""
    return "、".join(f"{_clock(since_s)}から {name}" if since_s else name for since_s, name in names)


def _clock(at_s: float) -> str:
    minutes, seconds = divmod(int(at_s), 60)
    return f"{minutes}:{seconds:02}"


def parse_started_at(text: str) -> datetime | None:
    """A date and time as forms and the command line send it, in Japan's time unless it says otherwise; None for nothing.

    Raises:
        InvalidInput: it is not ISO 8601, such as 2026-11-22T13:05.
    """
    if not text.strip():
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InvalidInput("通話の開始日時は「2026-11-22T13:05」の形で指定してください。") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=JST)


def dialogue(segments: Iterable[Segment], parties: Parties) -> tuple[Line, ...]:
    """What both sides said, in the order in which they began to. An exchange may tell a little late who speaks now: what goes on
    beyond that moment is of the next where it is cut there, and else of whom most of it is."""
    lines, handovers = [], parties.handovers
    for segment in sorted(segments, key=lambda s: (s.start_s, s.end_s)):
        side = parties.side(segment.channel)
        told_s = (h.at_s for h in handovers if h.channel == (segment.channel or 0))
        speaker = parties.speaker(side, tells_who(segment.start_s, segment.end_s, told_s))
        lines.append(Line(side=side, segment=replace(segment, speaker=speaker)))
    return tuple(lines)
