"""Scripts, styles and pictures of the pages, on an address that changes with them: a browser keeps them and asks no more."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from fastapi.staticfiles import StaticFiles
from starlette.responses import Response
from starlette.types import Scope

_IMPORTED = re.compile(r'^import [^"]*"\./([\w-]+\.js)";$', re.MULTILINE)
_VERSION = re.compile(r"v-[0-9a-f]{12}/")
_FOR_GOOD = "public, max-age=31536000, immutable"
_ASKED_EACH_TIME = "no-cache"


class Assets(StaticFiles):
    """`v-<hash of all>/js/chat.js` is kept for good. Without a version, or with that of a page opened before an update, comes
    what there is now."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory=directory)
        self._scripts = directory / "js"
        self._imported: dict[str, list[str]] = {}
        self.version = f"v-{_hash_of(directory)}"

    async def get_response(self, path: str, scope: Scope) -> Response:
        version = _VERSION.match(f"{path}/")
        response = await super().get_response(path[version.end() :] if version else path, scope)
        is_this = path.startswith(f"{self.version}/")
        response.headers["Cache-Control"] = _FOR_GOOD if is_this else _ASKED_EACH_TIME
        return response

    def imported_by(self, script: str) -> list[str]:
        """The scripts that one needs, and those that they need: who asks for all at once waits for one answer, not for as many
        as they stand on each other."""
        if script not in self._imported:
            self._imported[script] = self._read(script)
        return self._imported[script]

    def _read(self, script: str) -> list[str]:
        found: dict[str, None] = {script: None}
        waiting = [script]
        while waiting:
            for name in _IMPORTED.findall((self._scripts / waiting.pop(0)).read_text("utf-8")):
                if name not in found:
                    found[name] = None
                    waiting.append(name)
        return list(found)[1:]


def _hash_of(directory: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(p for p in directory.rglob("*") if p.is_file()):
        digest.update(f"{path.relative_to(directory)}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


ASSETS = Assets(Path(__file__).parent / "static")
