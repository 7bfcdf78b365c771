"""What the knowledge base says of what a caller asks: offered to the clerk who reads along, never told to the caller or kept."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from core.audience import Audience
from core.errors import MadoguchiError
from core.logging import logger
from core.settings import Settings
from dialogue.answer import Act, Answer, Band
from dialogue.parts import asks_something
from dialogue.pipeline import Answerer
from dialogue.utterance import Utterance
from telephony.said import Said

_KEPT_S = 30.0  #: an entry that is edited or withdrawn is not offered for longer
_LOOKED_AT = 3  #: questions: where the last has no answer, what was said of the one before still stands
_GOES_ON_S = 8.0  #: 「住民票なんですけど」 and, after a 「はい」 of the clerk, 「代理でも取れますか」
_ANSWERED = (Act.QUESTION, Act.GARBAGE, Act.TABLE)
_log = logger("offers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An answer with its source, and the caller's own words that it is about."""

    asked: str
    answer: Answer


@dataclass(slots=True, kw_only=True)
class _Search:
    """What one search found, or is about to."""

    began_s: float
    lock: threading.Lock = field(default_factory=threading.Lock)  #: who reads the same waits for the one search
    is_done: bool = False
    offer: Offer | None = None


class Offers:
    """One search a question, however many of a department read along: its answer stands in memory for a little while."""

    def __init__(self, answerer: Answerer, settings: Settings) -> None:
        self._answerer, self._settings = answerer, settings
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str | None], _Search] = {}

    def offer(self, said: Sequence[Said], department: str | None) -> Offer | None:
        """To what a caller asked last, of all that he said, for staff of a department or of none; None where nothing answers."""
        found = (self._cached(asked, department) for asked in islice(_questions(said), _LOOKED_AT))
        return next((offer for offer in found if offer is not None), None)

    def _cached(self, asked: str, department: str | None) -> Offer | None:
        key, now_s = (asked, department), time.monotonic()
        with self._lock:
            self._kept = {k: search for k, search in self._kept.items() if search.began_s > now_s - _KEPT_S}
            search = self._kept.setdefault(key, _Search(began_s=now_s))
        with search.lock:
            if not search.is_done:
                search.offer, search.is_done = self._found(asked, department), True
            return search.offer

    def _found(self, asked: str, department: str | None) -> Offer | None:
        utterance = Utterance(text=asked, audience=Audience.STAFF, department=department, kb=self._settings.kb, spoken=True)
        try:
            answer = self._answerer.answer(utterance)
        except MadoguchiError as e:  # who reads along goes on reading
            _log.warning("nothing offered", extra={"code": e.code})
            return None
        is_told = answer.band is Band.ANSWER and answer.act in _ANSWERED and answer.citations
        return Offer(asked=asked, answer=answer) if is_told else None


def _questions(said: Sequence[Said]) -> Iterator[str]:
    """What asks something, the last first, with what was told just before it."""
    for i in reversed(range(len(said))):
        if asks_something(said[i].text):
            before = said[i - 1] if i else None
            told = before is not None and said[i].start_s - before.end_s <= _GOES_ON_S and not asks_something(before.text)
            yield f"{before.text if before and told else ''}{said[i].text}"
