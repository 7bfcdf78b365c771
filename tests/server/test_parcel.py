"""Promises of archives that are sent in: they share one limit, and nothing of them is read or kept that is not taken."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from starlette.datastructures import UploadFile

from server.parcel import MOST_IN_ARCHIVES, unpacked


def packed(members: dict[str, str], kind: type[zipfile.ZipInfo] = zipfile.ZipInfo, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in members.items():
            archive.writestr(kind(name), text, method)
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


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_archive_of_a_kind_that_a_few_bytes_fill_the_memory_of_is_refused(tmp_path: Path, method: int) -> None:
    bomb = bytearray(packed({"a.txt": "0" * 30_000_000}, method=method))
    directory = bomb.rindex(b"PK\1\2")
    bomb[directory + 24 : directory + 28] = (100).to_bytes(4, "little")  # the length that it says it has
    refused: list[str] = []
    tracemalloc.start()
    assert list(unpacked([UploadFile(io.BytesIO(bomb), filename="小さい.zip")], tmp_path, refused, limit_bytes=10_000_000)) == []
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()
    assert len(refused) == 1
    assert "小さい.zip を読み取れません" in refused[0]


def test_what_the_pages_of_a_website_are_drawn_with_takes_no_room_and_is_told_of_in_one_line(tmp_path: Path) -> None:
    drawn_with = {f"www/{n}.png": "a" * 9_000 for n in range(MOST_IN_ARCHIVES)}
    site = packed({"www/index.HTML": "<p>市役所</p>", "www/要綱.pdf": "a"} | drawn_with)
    photos = packed({"窓口.png": "a", "要綱.pdf": "a"})
    refused: list[str] = []
    files = [UploadFile(io.BytesIO(archive), filename=name) for name, archive in (("市.zip", site), ("写真.zip", photos))]
    names = [name for name, _ in unpacked(files, tmp_path, refused, limit_bytes=10_000)]
    assert names == ["www/index.HTML", "www/要綱.pdf", "窓口.png", "要綱.pdf"], "a picture among documents is told of by itself"
    (told,) = refused
    assert told.startswith(f"圧縮ファイル 市.zip の中の、画像やスタイルなど、ページを表示するための{MOST_IN_ARCHIVES}個は")
