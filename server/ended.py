"""Sessions that were ended before their time: a cookie that somebody copied opens nothing after the logout."""

from __future__ import annotations

from pathlib import Path

from core.durable import sync_directory


class Ended:
    """One empty file a session, in the home, so that every process of an installation knows of it, after a restart too."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "ended"

    def add(self, session: str, *, expires_s: int, now_s: float) -> None:
        """Remember a session until its cookie would have expired; after that nobody needs to know."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for path in self._folder.iterdir():
            if int(path.name.partition("-")[0]) < now_s:
                path.unlink(missing_ok=True)
        self._path(session, expires_s).touch()
        sync_directory(self._folder)

    def has(self, session: str, *, expires_s: int) -> bool:
        return self._path(session, expires_s).exists()

    def _path(self, session: str, expires_s: int) -> Path:
        return self._folder / f"{expires_s}-{session}"
