"""What happened in a call beside what was said, as its record tells it: sound that never came, holds, keys, other speakers."""

from __future__ import annotations

from collections.abc import Iterable

from telephony.call import Remark, Side, side_of
from telephony.chronicle import Chronicle
from telephony.ongoing import Event, Happened

_LEAST_LOST_S = 0.1  # less is not heard
_TOLD = {
    Happened.HELD: "保留",
    Happened.RESUMED: "保留の終わり",
    Happened.KEY: "電話機のボタン",
    Happened.CHANGED: "話す人の交代",
}


def remarks(events: Iterable[Event], our_leg: int) -> tuple[Remark, ...]:
    """In the order of time. What belongs together, as a burst of losses, is one remark."""
    chronicle = Chronicle()
    for event in events:
        chronicle.happen(event)
    joined = [item.what for item in chronicle.since(0) if isinstance(item.what, Event)]
    told = [e for e in joined if e.kind is not Happened.LOST or e.lasts_s >= _LEAST_LOST_S]
    return tuple(Remark(at_s=e.at_s, text=_text(e), side=_side(e, our_leg)) for e in sorted(told, key=lambda e: e.at_s))


def _text(event: Event) -> str:
    return f"音声欠落 {event.lasts_s:.1f}秒" if event.kind is Happened.LOST else _TOLD[event.kind]


def _side(event: Event, our_leg: int) -> Side | None:
    if event.leg is None:
        return None
    return side_of(event.leg, our_leg)
