"""Voice prints of people who had theirs enrolled, as rows: kept only on purpose, and gone without a trace once deleted."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from core.database import erasing, metadata
from core.errors import InvalidInput, NotFound
from core.logging import logger
from core.moment import Moment

Vector = npt.NDArray[np.float32]

LEAST_LIKENESS = 0.92
"""Cosine of two voice prints from which they may be one person's.

Minutes of one voice in one room agree to 0.95 and more (the least of 30 pairs of samples of ten seconds; the median of halves of
30-second excerpts from meeting rooms); two people to 0.92 in 19 of 20 pairs, 0.94 for the most alike two of the product's voices.
Another room lowers even the same voice to 0.74: it then stays unknown, which does less harm than a wrong name.
"""
LEAST_LEAD = 0.02  #: before the next enrolled voice, and before the next speaker of the meeting

_voices = sa.Table(
    "voices",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False, unique=True),
    sa.Column("embedding", sa.LargeBinary, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("by", sa.String, nullable=False),
)
_log = logger("asr.voices")


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolledVoice:
    """A person's voice print, and who enrolled it."""

    id: str
    name: str
    vector: Vector  #: of length 1
    created_at: datetime
    by: str


class Voices:
    """The rows."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, name: str, vector: Vector, *, by: str, at: datetime) -> EnrolledVoice:
        """Keep a voice print. Raises InvalidInput when the name has one."""
        voice = EnrolledVoice(id=secrets.token_hex(8), name=name, vector=vector, created_at=at, by=by)
        row = {"id": voice.id, "name": name, "embedding": vector.astype("<f4").tobytes(), "created_at": at, "by": by}
        try:
            with self._engine.begin() as c:
                c.execute(sa.insert(_voices).values(row))
        except sa.exc.IntegrityError:
            raise InvalidInput(
                "この名前の声は、もう登録されています。登録し直すときは、先に今の登録を削除してください。"
            ) from None
        _log.info("voice_enrolled", extra={"voice": voice.id})
        return voice

    def all(self) -> tuple[EnrolledVoice, ...]:
        """Every enrolled voice, by name."""
        with self._engine.connect() as c:
            rows = c.execute(sa.select(_voices).order_by(_voices.c.name)).all()
        return tuple(
            EnrolledVoice(
                id=row.id, name=row.name, vector=np.frombuffer(row.embedding, "<f4"), created_at=row.created_at, by=row.by
            )
            for row in rows
        )

    def delete(self, voice_id: str) -> None:
        """Remove a voice print, from the free pages and the journal of the file as well. Raises NotFound."""
        with erasing(self._engine) as c:
            if not c.execute(sa.delete(_voices).where(_voices.c.id == voice_id)).rowcount:
                raise NotFound("この声の登録は見つかりません。すでに削除された可能性があります。")
        _log.info("voice_deleted", extra={"voice": voice_id})


def print_of(vectors: Vector) -> Vector:
    """(n, dimensions) to the print of a voice: their mean, of length 1."""
    mean = vectors.mean(axis=0)
    unit: Vector = mean / np.maximum(np.linalg.norm(mean), np.finfo(np.float32).tiny)
    return unit


def names_of(speakers: Sequence[Vector], voices: Sequence[EnrolledVoice]) -> list[str | None]:
    """The name of each speaker who is one of the enrolled, or None for the unknown. No name is given twice."""
    if not speakers or not voices:
        return [None] * len(speakers)
    likeness = np.stack(speakers) @ np.stack([voice.vector for voice in voices]).T
    return [_name(likeness, i, voices) for i in range(len(speakers))]


def _name(likeness: Vector, speaker: int, voices: Sequence[EnrolledVoice]) -> str | None:
    voice = int(likeness[speaker].argmax())
    best = likeness[speaker, voice]
    others = (*np.delete(likeness[speaker], voice), *np.delete(likeness[:, voice], speaker))
    is_clear = best >= LEAST_LIKENESS and all(best - other >= LEAST_LEAD for other in others)
    return voices[voice].name if is_clear else None
