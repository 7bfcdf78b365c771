"""A Whisper tokenizer's file in, the ids of a loaded model out, though its vocabulary may have been narrowed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from core.errors import ModelDamaged

Ids = npt.NDArray[np.int64]

_JAPANESE = re.compile(r"[ 　-ヿ㐀-鿿豈-﫿！-￯·—―…※→−℃○]+")
_SHORT_LATIN = re.compile(r" ?(?:[!-~]{1,2}|[A-Z]{3,5}|\d+)")
"""Any Latin word can be spelt with these; longer pieces only make the decoder slower and slip into other languages."""


@dataclass(frozen=True)
class Tokens:
    """The token ids of a loaded model: `kept[id]` is an id's number in the tokenizer's own vocabulary."""

    tokenizer: Tokenizer
    kept: Ids

    @cached_property
    def end_of_text(self) -> int:
        return self._special("<|endoftext|>")

    @cached_property
    def start(self) -> list[int]:
        """What every decoding of Japanese begins with."""
        return [self._special(t) for t in ("<|startoftranscript|>", "<|ja|>", "<|transcribe|>")]

    @cached_property
    def no_times(self) -> int:
        """Stands before a text without marks of time."""
        return self._special("<|notimestamps|>")

    @cached_property
    def previous(self) -> int:
        """Stands before a prompt."""
        return self._special("<|startofprev|>")

    def encode(self, text: str) -> list[int]:
        """Ids of a text; a piece that the model does not have is spelt in smaller ones."""
        ids = self.tokenizer.encode(text, add_special_tokens=False).ids
        return [new for i in ids for new in ([self._new[i]] if i in self._new else self._spelt(i))]

    def _spelt(self, old: int) -> list[int]:
        characters = self.tokenizer.id_to_token(old) or ""
        singles = (self.tokenizer.token_to_id(c) for c in characters)
        return [self._new[i] for i in singles if i is not None and i in self._new]

    def content(self, ids: Iterable[int]) -> list[int]:
        """Those that stand for text."""
        return [i for i in ids if i < self.end_of_text]

    def bytes_of(self, ids: Sequence[int]) -> list[bytes]:
        """UTF-8 of each text token; a character may be spread over several."""
        return [self._bytes[i] for i in ids]

    def decode(self, ids: Iterable[int]) -> str:
        """The text, without marks of time."""
        return b"".join(self.bytes_of(self.content(ids))).decode("utf-8", "replace").replace("�", "")

    @cached_property
    def _new(self) -> dict[int, int]:
        return {int(old): new for new, old in enumerate(self.kept)}

    @cached_property
    def _bytes(self) -> list[bytes]:
        return [piece_bytes(self.tokenizer.id_to_token(int(i)) or "") for i in self.kept[: self.end_of_text]]

    def _special(self, token: str) -> int:
        return self._new[_special_id(self.tokenizer, token)]


def japanese_ids(tokenizer: Tokenizer) -> Ids:
    """The tokens that Japanese is written with, in the tokenizer's order, and all the special ones."""
    end_of_text = _special_id(tokenizer, "<|endoftext|>")
    size = tokenizer.get_vocab_size(with_added_tokens=True)
    kept = [i for i in range(size) if i >= end_of_text or _writes_japanese(tokenizer.id_to_token(i))]
    return np.array(kept, np.int64)


def _special_id(tokenizer: Tokenizer, token: str) -> int:
    found = tokenizer.token_to_id(token)
    if found is None:
        raise ModelDamaged("音声認識のモデルの語彙が、Whisper のものではありません。モデルのフォルダを確認してください。")
    return found


def _writes_japanese(piece: str | None) -> bool:
    if piece is None:
        return False
    raw = piece_bytes(piece)
    try:
        text = raw.decode()
    except UnicodeDecodeError:  # a part of a character
        return all(b >= 0x80 for b in raw.removeprefix(b" "))
    return _JAPANESE.fullmatch(text) is not None or _SHORT_LATIN.fullmatch(text) is not None


def piece_bytes(piece: str) -> bytes:
    """The bytes behind a byte-level BPE piece (Radford et al. 2019, GPT-2's encoder)."""
    return bytes(_BYTE_OF[c] for c in piece)


def _byte_alphabet() -> dict[str, int]:
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [b for b in range(256) if b not in plain]
    return {chr(b): b for b in plain} | {chr(256 + n): b for n, b in enumerate(others)}


_BYTE_OF = _byte_alphabet()
