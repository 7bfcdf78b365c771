"""What was said and what happened in a call, as its readers see it: things with a key, of which some still change."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from telephony.ongoing import Event, Happened
from telephony.said import Said

#: What happens so soon after the same belongs to it: packets that are lost, keys of a number that is entered.
_ONE_S = {Happened.LOST: 1.0, Happened.KEY: 5.0}
_LONGEST_S = {Happened.LOST: 10.0}  #: of what is one: else a bad line is told where it began and nowhere else
_ALL = None  #: the leg of what is true of both


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing to be shown. It takes the place of an earlier one of its key."""

    key: str  #: the same after a restart
    version: int  #: later than that of whatever came or changed before
    what: Said | Event

    @property
    def at_s(self) -> float:
        return self.what.start_s if isinstance(self.what, Said) else self.what.at_s


class Chronicle:
    """All that is known of one call."""

    def __init__(self) -> None:
        self._items: dict[str, Item] = {}
        self._version = 0
        self._said = self._happened = 0
        self._last: dict[tuple[Happened, int | None], tuple[str, Event, float]] = {}  # of each leg: its key, and when it ended
        self._held: set[int | None] = set()

    @property
    def is_held(self) -> bool:
        return bool(self._held)

    @property
    def version(self) -> int:
        """Of the last item that came or changed."""
        return self._version

    def since(self, version: int) -> list[Item]:
        """What came or changed after that version; all for 0."""
        found: list[Item] = []
        for item in reversed(self._items.values()):
            if item.version <= version:
                break
            found.append(item)
        return found[::-1]

    def say(self, said: Said) -> None:
        self._put(f"said-{self._said}", said)
        self._said += 1

    def happen(self, event: Event) -> None:
        key = f"event-{self._happened}"
        self._happened += 1
        match event.kind:
            case Happened.HELD:
                self._held.add(event.leg)
            case Happened.RESUMED if event.leg is _ALL:
                self._held.clear()
            case Happened.RESUMED:
                self._held -= {event.leg, _ALL}
            case Happened.LOST | Happened.KEY:
                self._join(key, event)
                return
        self._put(key, event)

    def _join(self, key: str, event: Event) -> None:
        """Show it together with what it belongs to."""
        end_s = event.at_s + event.lasts_s
        which = event.kind, event.leg
        last = self._last.get(which)
        if last and event.at_s <= last[2] + _ONE_S[event.kind] and end_s - last[1].at_s <= _LONGEST_S.get(event.kind, math.inf):
            key, event = last[0], replace(last[1], lasts_s=last[1].lasts_s + event.lasts_s)
        self._last[which] = key, event, end_s
        if last is None or event != last[1]:
            self._put(key, event)

    def _put(self, key: str, what: Said | Event) -> None:
        self._version += 1
        self._items.pop(key, None)  # what changes goes to the end, so that `since` need not look at all of them
        self._items[key] = Item(key=key, version=self._version, what=what)
