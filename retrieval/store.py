"""The port of index versions: a knowledge base and an audience in, the versions that this audience may search out.

Both are needed to open a store, so no search can forget for whom it is. `retrieval/version.py` keeps versions as folders,
`retrieval/postgres/versions.py` in PostgreSQL.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from core.audience import Audience
from retrieval.confidence import Calibrated
from retrieval.terms import Terms
from retrieval.version import Built, Manifest, Version, VersionStore, departments_in

_AT_WORK = "work.lock"


class Versions(Protocol):
    """The versions of one knowledge base for one audience. A version never changes; which one serves is switched at once."""

    def current(self) -> str | None:
        """The name of the version that serves, or None before the first."""
        ...

    def manifest(self, name: str | None = None) -> Manifest | None:
        """What a version, or else the current one, was made from."""
        ...

    def is_whole(self, name: str) -> bool:
        """Whether a version says what was written."""
        ...

    def load(self, name: str | None = None) -> Version:
        """A version, or else the current one. Raises NotReady when there is none, or one that is damaged."""
        ...

    def terms(self) -> Terms | None:
        """The analysed text of the current version, for the next one to take over."""
        ...

    def calibrated(self) -> Calibrated | None:
        """The calibrations of the current version, for the next one to take over."""
        ...

    def save(self, name: str, built: Built) -> None:
        """Write a new version beside those that are there, and make it the current one when it is whole. What was rolled back
        from goes: nobody is to be brought back to it."""
        ...

    def names(self) -> list[str]:
        """The versions that serve or did, oldest first."""
        ...

    def use(self, name: str) -> None:
        """Make a version the current one, at once for everybody."""
        ...

    def before(self) -> str | None:
        """The version that served before the current one, if this release can still read it."""
        ...


class Store(Protocol):
    """All index versions of a home, or of many machines."""

    searches_in_memory: bool  #: whether a version that it loads is searched where one is that was just built

    def of(self, kb: str, audience: Audience, department: str | None = None) -> Versions:
        """Those of one knowledge base that one audience, or the staff of one department, may search."""
        ...

    def departments(self, kb: str) -> list[str]:
        """The departments that have versions of their own."""
        ...

    def alone(self, kb: str) -> AbstractContextManager[None]:
        """One build of a knowledge base at a time, among all that share the store: one that read its entries earlier must not
        end later."""
        ...

    def working(self, kb: str) -> AbstractContextManager[None]:
        """Say for a block that a build of a knowledge base is prepared or made. Who dies says so no more."""
        ...

    def is_worked_on(self, kb: str) -> bool:
        """Whether anybody says so."""
        ...


class Folders:
    """Versions as folders under `root`, for the processes of one machine."""

    searches_in_memory = True

    def __init__(self, root: Path) -> None:
        self._root = root

    def of(self, kb: str, audience: Audience, department: str | None = None) -> Versions:
        return VersionStore(self._root, kb, audience, department)

    def departments(self, kb: str) -> list[str]:
        return departments_in(self._root, kb)

    @contextmanager
    def alone(self, kb: str) -> Iterator[None]:
        with self._locked(kb, "build.lock", fcntl.LOCK_EX):
            yield

    @contextmanager
    def working(self, kb: str) -> Iterator[None]:
        with self._locked(kb, _AT_WORK, fcntl.LOCK_SH):
            yield

    def is_worked_on(self, kb: str) -> bool:
        try:
            with self._locked(kb, _AT_WORK, fcntl.LOCK_EX | fcntl.LOCK_NB):
                return False
        except BlockingIOError:
            return True

    @contextmanager
    def _locked(self, kb: str, name: str, how: int) -> Iterator[None]:
        (self._root / kb).mkdir(parents=True, exist_ok=True)
        with (self._root / kb / name).open("a") as lock:
            fcntl.flock(lock, how)
            yield
