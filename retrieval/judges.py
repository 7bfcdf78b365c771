"""What judges beside the encoder, where a city has it: which hits answer, and what was meant by what was heard."""

from __future__ import annotations

from dataclasses import dataclass

from models.language_model import LanguageModel
from models.reranker import Reranker


@dataclass(frozen=True, slots=True, kw_only=True)
class Judges:
    """The models that are asked again about what search found or was asked; it does without any of them."""

    reranker: Reranker | None = None  #: of hits
    language_model: LanguageModel | None = None  #: of texts that sound alike


NO_JUDGES = Judges()
