"""Reads files out of Python packages that carry model weights, without importing or installing them."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib import metadata
from pathlib import Path

from core.errors import ModelError

Progress = Callable[[int, int], None]
"""Called with (bytes done, bytes in all)."""

BLOCK_BYTES = 1 << 20
_RAW_PROGRESS = re.compile(r"^Progress (\d+) of (\d+)$")


class PackageFiles:
    """The files of some packages: from where they are installed, else from their wheels, which pip downloads to `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def download(self, requirements: tuple[str, ...], progress: Progress) -> None:
        """Fetch the wheels of the packages that are not installed in the wanted version."""
        for requirement in requirements:
            if _installed(requirement) is None:
                self._pip_download(requirement, progress)

    def _pip_download(self, requirement: str, progress: Progress) -> None:
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--progress-bar=raw"]
        command += ["--disable-pip-version-check", "-d", str(self._folder), requirement]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as pip:  # noqa: S603
            assert pip.stdout is not None
            for line in pip.stdout:
                if found := _RAW_PROGRESS.match(line.strip()):
                    progress(int(found[1]), int(found[2]))
        if pip.returncode:
            raise ModelError(
                f"パッケージ {requirement} を取得できません。ネットワークの接続を確認して、もう一度実行してください。"
            )

    def read(self, requirements: tuple[str, ...], member: str) -> Iterator[bytes]:
        """The member's bytes in blocks. Raises ModelError when no package has it."""
        for requirement in requirements:
            installed = _installed(requirement)
            path = Path(str(installed.locate_file(member))) if installed else None
            if path is not None and path.is_file():
                with path.open("rb") as f:
                    while block := f.read(BLOCK_BYTES):
                        yield block
                return
        for wheel in sorted(self._folder.glob("*.whl")):
            with ExitStack() as stack:
                archive = stack.enter_context(zipfile.ZipFile(wheel))
                if member not in archive.namelist():
                    continue
                f2 = stack.enter_context(archive.open(member))
                while block := f2.read(BLOCK_BYTES):
                    yield block
                return
        raise ModelError(f"パッケージの中に {member} がありません。")


def _installed(requirement: str) -> metadata.Distribution | None:
    name, _, version = requirement.partition("==")
    try:
        found = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return None
    return found if found.version == version else None
