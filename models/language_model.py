"""Texts in, how unlikely each is as Japanese out: what tells two texts apart that sound alike."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path

import ctranslate2

from core.settings import Settings
from models.conversion import made_once
from models.dispensable import if_usable
from models.store import ModelStore, Verified

_CONVERTED = "ctranslate2-int8-1"  #: folder name; changes with the way of conversion
_TEXTS_AT_ONCE = 10  #: in a batch: each takes some megabytes while it is costed
_SOURCE = "gemma-3-270m-q4_k_m.gguf"
PIECES = "pieces.tsv"  #: with their scores
BEGIN = "<bos>"


class LanguageModel:
    """A decoder of Japanese text; `folder` is what `models.gemma.convert` wrote. It is opened when it is first needed."""

    def __init__(self, folder: Path, threads: int) -> None:
        self._folder, self._threads = folder, threads

    @staticmethod
    def of_package(verified: Verified, threads: int) -> LanguageModel:
        """The model as its package carries it, converted at the first start."""
        folder = verified.path / _CONVERTED

        def make() -> None:
            from models.gemma import convert  # what reads the package's file is needed once

            convert(verified.path / _SOURCE, folder)

        return _opened_once(made_once(folder, is_whole=(folder / PIECES).is_file, make=make), threads)

    @cached_property
    def _pieces(self) -> Pieces:
        return Pieces(self._folder / PIECES)

    @cached_property
    def _model(self) -> ctranslate2.Generator:
        """Batches side by side: a single one is hardly faster on two cores than on one."""
        lanes = {"inter_threads": self._threads, "intra_threads": 1}
        return ctranslate2.Generator(str(self._folder), device="cpu", compute_type="int8", **lanes)

    def costs(self, texts: Sequence[str], behind: str = "") -> list[float]:
        """How unlikely each text is behind another, in nats: the negative log-probability of its pieces, summed."""
        shown, each = self._pieces.of(behind), list(dict.fromkeys(texts))
        rows = [[BEGIN, *shown, *self._pieces.of(text)] for text in each]
        found = self._model.score_batch(rows, max_batch_size=min(_TEXTS_AT_ONCE, -(-len(rows) // self._threads) or 1))
        cost = {text: -sum(scored.log_probs[len(shown) :]) for text, scored in zip(each, found, strict=True)}
        return [cost[text] for text in texts]


@cache
def _opened_once(folder: Path, threads: int) -> LanguageModel:
    """One for all in a process who ask it: each of them would take 124 MB."""
    return LanguageModel(folder, threads)


class Pieces:
    """How the model's texts are spelt (byte-pair encoding, Sennrich et al. 2016): of all neighbours that make a piece together,
    the pair with the best score is joined, until none does. What no piece has is spelt in bytes."""

    def __init__(self, path: Path) -> None:
        rows = (line.rsplit("\t", 1) for line in path.read_text("utf-8").splitlines())
        self._scores = {piece: float(score) for piece, score in rows}

    def of(self, text: str) -> list[str]:
        """The pieces of a text, its beginning not marked."""
        found = list(text.replace(" ", "▁"))
        while len(found) > 1:
            scores = [self._scores.get(a + b) for a, b in pairwise(found)]
            joined = [(score, at) for at, score in enumerate(scores) if score is not None]
            if not joined:
                break
            _, at = max(joined, key=lambda each: (each[0], -each[1]))
            found[at : at + 2] = [found[at] + found[at + 1]]
        return [spelt for piece in found for spelt in ([piece] if piece in self._scores else _bytes(piece))]


def _bytes(piece: str) -> list[str]:
    return [f"<0x{byte:02X}>" for byte in piece.encode()]


def load_language_model(settings: Settings) -> LanguageModel | None:
    """The language model of the settings; None where none is wanted, or none can be used: speech is recognised without, too."""
    name = settings.language_model
    if not name:
        return None
    store = ModelStore(settings.home / "models")
    return if_usable(name, lambda: LanguageModel.of_package(store.resolve(name), settings.cpu_threads))
