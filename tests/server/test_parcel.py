"""Promises of archives that are sent in: they share one limit, and nothing of them is read or kept that is not taken."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from starlette.datastructures import UploadFile

from server.parcel import MOST_IN_ARCHIVES, unpacked


def packed(members: dict[str, str], kind: type[zipfile.ZipInfo] = zipfile.ZipInfo) -> bytes:
    """A zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in members.items():
            archive.writestr(kind(name), text, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def test_archives_that_are_sent_together_share_one_limit_and_their_files_leave_the_disk_one_by_one(tmp_path: Path) -> None:
    def taken(*archives: bytes, limit_bytes: int = 10_000) -> tuple[list[str], str]:
        files = [UploadFile(io.BytesIO(archive), filename=f"{i}.zip") for i, archive in enumerate(archives)]
        refused: list[str] = []
        names = []
        for name, path in unpacked(files, tmp_path, refused, limit_bytes=limit_bytes):
            assert list(tmp_path.iterdir()) == [path]
            names.append(name)
        assert list(tmp_path.iterdir()) == []
        return names, "".join(refused)

    two = [packed({f"{i}.md": "a" * 6_000}) for i in range(2)]
    names, refused = taken(*two, packed({"9.md": "a" * 4_000}))
    assert names == ["0.md", "9.md"], "what is refused takes no room"
    assert "圧縮ファイル 1.zip は、中身が、ほかの圧縮ファイルと合わせて" in refused
    many = [packed({f"{i}-{n}.md": "a" for n in range(MOST_IN_ARCHIVES // 2 + 1)}) for i in range(2)]
    names, refused = taken(*many)
    assert len(names) == MOST_IN_ARCHIVES // 2 + 1
    assert f"合わせて{MOST_IN_ARCHIVES}個より多くなります" in refused


def test_an_archive_that_names_files_without_end_is_refused_before_its_directory_is_read(tmp_path: Path) -> None:
    hidden = packed({f".{'a' * 200}{n}": "" for n in range(4_500)})
    refused: list[str] = []
    assert list(unpacked([UploadFile(io.BytesIO(hidden), filename="目次.zip")], tmp_path, refused, limit_bytes=10_000)) == []
    assert refused == ["圧縮ファイル 目次.zip に入っているファイルが多すぎます。分けて送ってください。"]
