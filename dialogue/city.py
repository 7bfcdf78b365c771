"""The city's tables in the database in, all of them ready to be asked out; read again only when one of them changed."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from dialogue.directory import Directory
from retrieval.city.collection import CollectionTable
from retrieval.city.duty import DutyRoster
from retrieval.city.facilities import Facilities
from retrieval.garbage import GarbageTable
from retrieval.repository import Repository, TableVersion
from retrieval.synonyms import wording_of

LOOKED_AT_EVERY_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """The city's tables as they are now."""

    directory: Directory
    garbage: GarbageTable
    collection: CollectionTable
    facilities: Facilities
    duty: DutyRoster


class Cities:
    """The tables of each knowledge base. A change is seen within `LOOKED_AT_EVERY_S`."""

    def __init__(self, tables: Repository, closed_days: Collection[str]) -> None:
        self._tables, self._closed_days = tables, closed_days
        self._read: dict[str, tuple[float, object, City]] = {}

    def get(self, kb: str) -> City:
        looked_at_s, version, city = self._read.get(kb, (-LOOKED_AT_EVERY_S, None, None))
        if city is None or time.monotonic() - looked_at_s > LOOKED_AT_EVERY_S:
            newest = self._tables.tables_version(kb)
            if city is None or newest != version:
                city = self._city(kb, newest)
            self._read[kb] = (time.monotonic(), newest, city)
        return city

    def known(self, kb: str) -> City | None:
        """As it was when it was read last; asks nobody."""
        _, _, city = self._read.get(kb, (0, None, None))
        return city

    def _city(self, kb: str, versions: Sequence[TableVersion]) -> City:
        load = self._tables.load_table
        saved_at = next((v.saved_at for v in versions if v.kind == "area_days"), None)
        readings = {row["surface"]: row["reading"] for row in load(kb, "readings")}
        return City(
            directory=Directory(load(kb, "departments"), self._closed_days),
            garbage=GarbageTable(load(kb, "garbage"), wording_of(self._tables, kb).groups),
            collection=CollectionTable(
                load(kb, "area_days"),
                centers=load(kb, "collection_pauses"),
                remarks=load(kb, "collection_remarks"),
                readings=readings,
                saved_on=saved_at.date() if saved_at else None,
            ),
            facilities=Facilities(load(kb, "facilities")),
            duty=DutyRoster(load(kb, "duty_doctors")),
        )
