"""Promises of the blob store: whole or not at all, names from us, no way out of the folder."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.blobs import BlobStore
from core.errors import NotFound, TooLarge, UnreadableMedia


@pytest.fixture
def store(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "blobs")


def test_what_was_put_comes_back_byte_for_byte(store: BlobStore) -> None:
    content = bytes(range(256)) * 1000
    blob = store.put([content[:1000], content[1000:]], limit_bytes=len(content), suffix=".wav")
    assert store.path(blob.id).read_bytes() == content
    assert (blob.size_bytes, blob.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert blob.id.endswith(".wav")


def test_two_blobs_of_the_same_content_are_two(store: BlobStore) -> None:
    first, second = (store.put([b"x"], limit_bytes=1) for _ in range(2))
    assert first.id != second.id
    store.delete(first.id)
    assert store.path(second.id).read_bytes() == b"x"


def test_too_much_is_refused_before_it_is_all_read_and_nothing_is_kept(store: BlobStore, tmp_path: Path) -> None:
    taken = []

    def endless() -> Iterator[bytes]:
        while True:
            taken.append(1)
            yield b"0" * 1000

    with pytest.raises(TooLarge, match="MB"):
        store.put(endless(), limit_bytes=2500)
    assert len(taken) == 3
    assert list((tmp_path / "blobs").iterdir()) == []


def test_an_empty_file_is_refused_at_once(store: BlobStore, tmp_path: Path) -> None:
    with pytest.raises(UnreadableMedia, match="0バイト"), store.taking([b""], limit_bytes=10):
        pass
    assert list((tmp_path / "blobs").iterdir()) == []


def test_an_upload_that_breaks_off_leaves_nothing(store: BlobStore, tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"0"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        store.put(broken(), limit_bytes=10)
    assert list((tmp_path / "blobs").iterdir()) == []


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/../../secret", ".", "..", "", ".hidden", "unknown"])
def test_nothing_outside_the_folder_is_a_blob(store: BlobStore, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text("x")
    (tmp_path / "blobs" / ".hidden").write_text("x")
    for use in (store.path, store.delete):
        with pytest.raises(NotFound):
            use(name)
    assert (tmp_path / "secret").exists()


class Killed(BaseException):
    """As if the process ended here."""


def test_a_file_that_nobody_wrote_down_goes_and_every_other_stays(store: BlobStore, tmp_path: Path) -> None:
    older = store.put([b"from before there were marks"], limit_bytes=100)
    with store.taking([b"written down"], limit_bytes=100) as kept:
        pass
    with pytest.raises(Killed), store.taking([b"lost"], limit_bytes=100) as lost:
        raise Killed
    with pytest.raises(Killed), store.taking([b"the row was there, the mark not yet gone"], limit_bytes=100) as known:
        raise Killed
    (tmp_path / "blobs" / ".half.part").write_bytes(b"half an upload")
    store.sweep({known.id}.__contains__, at_s=time.time())
    assert store.path(lost.id).is_file(), "another process may be writing it down right now"
    store.sweep({known.id}.__contains__, at_s=time.time() + 2 * 86_400)
    assert {p.name for p in (tmp_path / "blobs").iterdir()} == {older.id, kept.id, known.id}


def test_what_is_too_much_leaves_no_mark(store: BlobStore, tmp_path: Path) -> None:
    with pytest.raises(TooLarge), store.taking([b"00"], limit_bytes=1):
        pytest.fail("it was taken")
    assert list((tmp_path / "blobs").iterdir()) == []
