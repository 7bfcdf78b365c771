"""What is usually said in a city, as its own texts have it: recognition is lent it and knows no knowledge base itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Language(Protocol):
    """The language of a city's residents."""

    def about(self, text: str) -> Sequence[str]:
        """Sentences on what a text seems to be about, the nearest first; none where the text is well understood as it is."""

    def alike(self, text: str) -> str:
        """The text as it is likeliest to be meant, in words that sound like its own."""

    def cost(self, text: str) -> float:
        """How unlikely a text is, in nats."""
