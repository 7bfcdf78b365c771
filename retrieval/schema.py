"""The tables of the knowledge base in the database."""

from __future__ import annotations

import sqlalchemy as sa

from core.database import metadata
from core.moment import Moment

# What is served: the approved version of each entry.
entries = sa.Table(
    "entries",
    metadata,
    sa.Column("kb", sa.String, primary_key=True),
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),  # order of import, so that an export reads like the file
    sa.Column("audience", sa.String, nullable=False),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("content_hash", sa.String, nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
)

city_tables = sa.Table(
    "city_tables",
    metadata,
    sa.Column("kb", sa.String, primary_key=True),
    sa.Column("kind", sa.String, primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("row", sa.JSON, nullable=False),
)

table_versions = sa.Table(
    "table_versions",
    metadata,
    sa.Column("kb", sa.String, primary_key=True),
    sa.Column("kind", sa.String, primary_key=True),
    sa.Column("digest", sa.String, nullable=False),  # of the rows: one look says whether a table changed
    sa.Column("saved_at", Moment, nullable=True),
)

# How often a knowledge base was written: one look says whether another machine did.
kb_writes = sa.Table(
    "kb_writes",
    metadata,
    sa.Column("kb", sa.String, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
)

embeddings = sa.Table(
    "embeddings",
    metadata,
    sa.Column("identity", sa.String, primary_key=True),  # embedder
    sa.Column("sha256", sa.String, primary_key=True),  # of the text
    sa.Column("vector", sa.LargeBinary, nullable=False),
)

# Every version of every entry.
revisions = sa.Table(
    "revisions",
    metadata,
    sa.Column("kb", sa.String, primary_key=True),
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),  # 1 is the first
    sa.Column("state", sa.String, nullable=False),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("content_hash", sa.String, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("by", sa.String, nullable=False),  # a name that staff gave, or "import"
    sa.Column("note", sa.String, nullable=True),  # what they said with it: why it was sent back
)

# Documents as they were imported, so that an export gives them back byte for byte.
sources = sa.Table(
    "sources",
    metadata,
    sa.Column("kb", sa.String, primary_key=True),
    sa.Column("name", sa.String, primary_key=True),  # path within what was imported
    sa.Column("title", sa.String, nullable=False),
    sa.Column("audience", sa.String, nullable=False),
    sa.Column("sha256", sa.String, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("confined_to", sa.String, nullable=True),  # a department; only its staff may read the document
)

# Who sent which file, and what it held; of a document that waits to be approved, the document.
sendings = sa.Table(
    "sendings",
    metadata,
    sa.Column("kb", sa.String, primary_key=True),
    sa.Column("key", sa.String, primary_key=True),  # of all that was sent together
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),  # of the versions that came with it, too
    sa.Column("by", sa.String, nullable=False),
    sa.Column("held", sa.JSON, nullable=False),  # ids of entries
    sa.Column("title", sa.String, nullable=True),
    sa.Column("audience", sa.String, nullable=True),
    sa.Column("confined_to", sa.String, nullable=True),
    sa.Column("content", sa.LargeBinary, nullable=True),
    sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),  # when it took the place of the document before it
    sa.Column("taken_by", sa.String, nullable=True),  # who let it
)

# FAQ files and tables as they were imported: what did not change since is given back byte for byte.
originals = sa.Table(
    "originals",
    metadata,
    sa.Column("kb", sa.String, primary_key=True),
    sa.Column("kind", sa.String, primary_key=True),  # "faq", or the kind of a table
    sa.Column("name", sa.String, primary_key=True),  # path within what was imported
    sa.Column("held", sa.JSON, nullable=False),  # of a FAQ: the hash of each entry by its id
    sa.Column("content", sa.LargeBinary, nullable=False),
)
