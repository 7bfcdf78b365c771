"""A knowledge base as the language of those who ask it: what recognition is lent for a spoken question (`asr.language`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.audience import Audience

if TYPE_CHECKING:
    from retrieval.knowledge import Knowledge
    from retrieval.respelling import Respeller

_SENTENCES = 4
_END = ("。", "?", "？")


class AskedLanguage:
    """What is asked of a knowledge base by those of an audience, who may read nothing else of it this way either."""

    def __init__(self, knowledge: Knowledge, kb: str, audience: Audience, department: str | None = None) -> None:
        self._knowledge, self._asked = knowledge, (kb, audience, department)

    def about(self, text: str) -> Sequence[str]:
        """The questions of the entries that are nearest to a text; none where it can be answered as it is."""
        kb, audience, department = self._asked
        found = self._knowledge.search(text, kb, audience=audience, department=department, top=_SENTENCES, spoken=True)
        if found.confidence >= found.answer_from:
            return ()
        return [_sentence(hit.entry.question) for hit in found.hits]

    def alike(self, text: str) -> str:
        """See `Respeller.alike`."""
        return self._respeller.alike(text)

    def cost(self, text: str) -> float:
        """See `Respeller.cost`."""
        return self._respeller.cost(text)

    @property
    def _respeller(self) -> Respeller:
        return self._knowledge.version(*self._asked).index.respeller


def _sentence(text: str) -> str:
    return text if text.endswith(_END) else f"{text}。"
