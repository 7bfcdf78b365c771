"""Three hundred broken and malicious files: each ends, soon and without a trace, in a sentence or in whole PCM."""

from __future__ import annotations

import os
import random
import re
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import soundfile

from asr.audio import Channels, decode
from core.errors import UnreadableMedia
from tests.asr import hostile
from tests.asr.test_audio import KINDS, pitch_hz, tone
from tests.asr.test_sandbox import decoders

Encode = Callable[..., Path]

LONGEST_S = 600.0
AT_ONCE = 2
SOON_S = 20.0  #: on a machine that does other things as well; a second is usual


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path: Path) -> Iterator[None]:
    yield
    assert decoders(os.getpid()) == [], "a decoding process is still there"
    assert list(tmp_path.rglob("*.part")) == []


def ending(source: Path) -> float | UnreadableMedia:
    """The length of the PCM, or the refusal; with what is promised of both."""
    work = source.parent / f"{source.name[:40]}.work"
    began_s = time.monotonic()
    try:
        (pcm,) = decode(source, work, longest_s=LONGEST_S)
    except UnreadableMedia as e:
        assert re.search("[ぁ-ん].*。$", e.message), e.message
        assert "Traceback" not in e.message
        assert not work.exists() or list(work.iterdir()) == []
        return e
    finally:
        assert time.monotonic() - began_s < SOON_S
    assert list(work.iterdir()) == [pcm.path]
    assert pcm.path.stat().st_size == 2 * pcm.frames
    assert 0 < pcm.duration_s <= LONGEST_S
    return pcm.duration_s


def endings(files: Iterable[hostile.Named], folder: Path) -> dict[str, float | UnreadableMedia]:
    """What becomes of each file."""
    paths = []
    for name, content in files:
        paths.append(folder / name)
        paths[-1].write_bytes(content)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip((p.name for p in paths), pool.map(ending, paths), strict=True))


@pytest.fixture
def good(encode: Encode) -> Callable[[str], bytes]:
    """good(kind) -> a small recording of two seconds."""
    noise = np.random.default_rng(1).normal(0, 0.1, 2 * 16_000)
    return lambda kind: encode(noise, 16_000, kind).read_bytes()


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_cut_anywhere_is_refused_or_hardly_shorter(kind: str, good: Callable[[str], bytes], tmp_path: Path) -> None:
    cut = hostile.truncated(good(kind), random.Random(kind), 8)
    for name, end in endings(((f"{i}.{kind}", content) for i, content in enumerate(cut)), tmp_path).items():
        assert isinstance(end, UnreadableMedia) or end == pytest.approx(2, abs=0.15), name


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_with_flipped_bits_comes_to_an_end(kind: str, good: Callable[[str], bytes], tmp_path: Path) -> None:
    damaged = hostile.flipped(good(kind), random.Random(kind), 8)
    ends = endings(((f"{i}.{kind}", content) for i, content in enumerate(damaged)), tmp_path)
    assert len(ends) == 8


def test_a_wav_header_may_say_anything(tmp_path: Path) -> None:
    ends = endings(hostile.lying_wavs(), tmp_path)
    for name in ("0 channels.wav", "0 Hz.wav", "65535 channels.wav", "1 Hz.wav", "768001 Hz.wav", "no data.wav", "head only.wav"):
        assert isinstance(ends[name], UnreadableMedia), name
    assert ends["data of 4294967295.wav"] == pytest.approx(0.5, abs=0.01)
    assert ends["many chunks.wav"] == pytest.approx(0.5, abs=0.01)
    assert "途中で切れて" in str(ends["data of 1000000.wav"])
    assert "対応していない" in str(ends["form ffff.wav"])
    assert len(ends) >= 50


def test_films_and_other_containers_may_say_anything(tmp_path: Path) -> None:
    ends = endings((*hostile.lying_films(), *hostile.lying_others()), tmp_path)
    assert len(ends) >= 35
    for name in ("nested.mp4", "stsz without end.mp4", "655350 Hz.flac", "zeros.wav"):
        assert isinstance(ends[name], UnreadableMedia), name


def test_a_playlist_reaches_neither_files_nor_addresses(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        address = f"127.0.0.1:{server.getsockname()[1]}"
        ends = endings(hostile.playlists(address), tmp_path)
        with pytest.raises(BlockingIOError):  # nobody has called
            server.accept()
    assert len(ends) >= 25
    assert {str(end) for end in ends.values()} == {UnreadableMedia.default}


def test_a_bomb_stays_packed(tmp_path: Path) -> None:
    for end in endings(hostile.bombs(), tmp_path).values():
        assert isinstance(end, UnreadableMedia)


def test_hours_of_silence_in_a_small_file_end_at_the_longest_length(tmp_path: Path) -> None:
    source = tmp_path / "silence.flac"
    soundfile.write(source, np.zeros(3 * 3600 * 8_000, np.int16), 8_000)
    assert source.stat().st_size < 300_000
    with pytest.raises(UnreadableMedia, match=r"長すぎます.最長 10:00"):
        decode(source, tmp_path / "work", longest_s=LONGEST_S)
    assert list((tmp_path / "work").iterdir()) == []


def test_a_day_of_nothing_in_a_sparse_file_ends_at_the_longest_length(tmp_path: Path) -> None:
    source = tmp_path / "day.wav"
    day_bytes = 24 * 3600 * 8_000
    source.write_bytes(hostile.wav(form=7, rate_hz=8_000, align=1, bits=8, data_bytes=day_bytes)[:44])
    os.truncate(source, 44 + day_bytes)
    assert "長すぎます" in str(ending(source))


@pytest.mark.parametrize("kind", ["wav", "flac"])
def test_eight_channels_at_a_high_rate_are_read_right(kind: str, tmp_path: Path) -> None:
    source = tmp_path / f"array.{kind}"
    soundfile.write(source, np.stack([tone(440, 2, 384_000)] * 8, axis=1), 384_000, subtype="PCM_24")
    (pcm,) = decode(source, tmp_path / "work")
    assert pcm.duration_s == pytest.approx(2, abs=0.01)
    assert pitch_hz(pcm) == pytest.approx(440, abs=2)


def test_more_than_two_channels_are_not_kept_apart(tmp_path: Path) -> None:
    source = tmp_path / "film.wav"
    soundfile.write(source, np.stack([tone(440, 2, 16_000)] * 6, axis=1), 16_000)
    with pytest.raises(UnreadableMedia, match="三つ以上"):
        decode(source, tmp_path / "work", channels=Channels.SEPARATE)
    assert list((tmp_path / "work").iterdir()) == []


@pytest.mark.parametrize("channel", range(8))
def test_no_microphone_of_many_is_lost(channel: int, tmp_path: Path) -> None:
    source = tmp_path / "array.wav"
    samples = np.zeros((2 * 16_000, 8), np.float32)
    samples[:, channel] = tone(440, 2, 16_000)
    soundfile.write(source, samples, 16_000)
    (pcm,) = decode(source, tmp_path / "work")
    assert pitch_hz(pcm) == pytest.approx(440, abs=2)
    assert np.abs(pcm.read(0.5, 1)).max() > 0.02


ODD = [
    "-i",
    "--help.wav",
    "file:a.wav",
    "pipe:0",
    "a\nb.wav",
    "会議 $(touch x);'\".wav",
    "%05d.wav",
    "a.wav?b=1#c",
    "fd:",
    "x.\udcff",
]


@pytest.mark.parametrize("name", ODD)
def test_any_name_is_only_a_name(name: str, good: Callable[[str], bytes], tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(good("wav"))
    assert ending(tmp_path / name) == pytest.approx(2, abs=0.01)


def things(folder: Path) -> Iterator[tuple[str, str]]:
    """What may stand in the place of a file, and what is said about it."""
    os.mkfifo(folder / "pipe.wav")
    (folder / "folder.wav").mkdir()
    (folder / "zero.wav").symlink_to("/dev/zero")
    (folder / "gone.wav").symlink_to(folder / "nothing")
    (folder / "loop.wav").symlink_to(folder / "loop.wav")
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(str(folder / "socket.wav"))
    yield from (("pipe.wav", "ふつうのファイル"), ("folder.wav", "フォルダ"), ("zero.wav", "ふつうのファイル"))
    yield from (("gone.wav", "見つかりません"), ("loop.wav", "見つかりません"), ("socket.wav", "見つかりません"))
    yield from (("a\0b.wav", "見つかりません"), ("x" * 300, "見つかりません"))


def test_what_is_no_file_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, sentence in things(Path()):
        with pytest.raises(UnreadableMedia, match=sentence):
            decode(Path(name), tmp_path / "work")


def test_a_link_to_a_recording_is_the_recording(good: Callable[[str], bytes], tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(good("mp3"))
    (tmp_path / "link.wav").symlink_to(tmp_path / "real")
    assert ending(tmp_path / "link.wav") == pytest.approx(2, abs=0.1)


def test_a_film_may_not_keep_its_sound_in_another_file(good: Callable[[str], bytes], tmp_path: Path) -> None:
    film = good("m4a")
    at = film.index(b"dref") + 12
    assert film[at + 4 : at + 12] == b"url \0\0\0\1"
    elsewhere = b"url \0\0\0\0"  # no longer "in this file": the name that should follow is missing
    assert isinstance(ending_of(film[: at + 4] + elsewhere + film[at + 12 :], tmp_path), float | UnreadableMedia)


def ending_of(content: bytes, folder: Path) -> float | UnreadableMedia:
    (folder / "film.m4a").write_bytes(content)
    return ending(folder / "film.m4a")
