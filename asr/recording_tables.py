"""The tables of recordings and of their segments."""

from __future__ import annotations

import sqlalchemy as sa

from core.database import metadata
from core.moment import Moment

recordings = sa.Table(
    "recordings",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("blob_id", sa.String, nullable=False),
    sa.Column("file_name", sa.String, nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.String, nullable=False),
    sa.Column("channels", sa.String, nullable=False),
    sa.Column("speakers", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False, index=True),
    sa.Column("progress", sa.Float, nullable=False),
    sa.Column("message", sa.String),
    sa.Column("duration_s", sa.Float),
    sa.Column("elapsed_s", sa.Float),
    sa.Column("model", sa.String),
    sa.Column("device", sa.String),
    sa.Column("turns", sa.Text, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("is_going", sa.Boolean),  # its removal has begun
    sa.Column("deleted_at", Moment),  # by a person, who may want it back; nothing where it is there
    sa.Column("deleted_by", sa.String),
    sa.Column("queued_at", Moment),  # anew, after it failed or its work ended with its deletion; nothing where it was so once
    sa.Column("revision", sa.Integer),  # how often people have changed its segments; nothing in the rows of an older release
)

segments = sa.Table(
    "segments",
    metadata,
    sa.Column("recording_id", sa.ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("part", sa.Integer, primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("start_s", sa.Float, nullable=False),
    sa.Column("end_s", sa.Float, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("speaker", sa.String),
    sa.Column("channel", sa.Integer),
    sa.Column("confidence", sa.Float),
    sa.Column("heard", sa.Text),
    sa.Column("words", sa.Text),  # JSON
    sa.Column("changes", sa.Text),  # JSON
    sa.Column("revision", sa.Integer),  # of the recording, by which it was last changed; nothing where it never was
)
