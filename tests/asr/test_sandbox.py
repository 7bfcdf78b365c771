"""The decoding process can do nothing but decode, and goes when it is told to, when it stalls and when nobody waits for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
import soundfile

from asr.audio import SAMPLE_RATE_HZ, decode
from asr.sandbox import Decoded, Limits, decode_apart
from asr.template import Template
from core.errors import MadoguchiError, UnreadableMedia
from core.settings import CHECKOUT
from tests.asr.hostile import wav
from tests.asr.test_audio import tone

LONG_S = 6 * 3600

FORBIDDEN = {
    "a file": "open('/etc/passwd')",
    "a file to write": "open('/tmp/written-by-a-decoder', 'w')",
    "a folder": "os.listdir('/')",
    "a socket": "socket.socket()",
    "a pair of sockets": "socket.socketpair()",
    "a program": "os.execv('/bin/true', ['true'])",
    "a child": "os.fork()",
    "a thread": "threading.Thread(target=int).start()",
    "a signal": "os.kill(os.getppid(), 0)",
    "another process's memory": "libc.ptrace(16, os.getppid(), 0, 0) + 1 or failed()",
    "a name space": "libc.unshare(0x10000000) + 1 or failed()",
    "a new name": "os.rename('/tmp/a', '/tmp/b')",
    "higher limits": "resource.setrlimit(resource.RLIMIT_AS, (2**40, 2**40))",
}
ATTEMPT = """
import ctypes, os, resource, socket, sys, threading
from asr import seal
libc = ctypes.CDLL(None, use_errno=True)
def failed():
    raise OSError(ctypes.get_errno(), "")
seal.limit(memory_bytes=1 << 30, file_bytes=1000, cpu_s=10)
assert seal.seal()
try:
    {}
except (OSError, RuntimeError, ValueError):
    os._exit(42)
os._exit(0)
"""


@pytest.mark.parametrize("what", FORBIDDEN)
def test_a_sealed_process_has_no_way_to(what: str) -> None:
    code = ATTEMPT.format(FORBIDDEN[what])
    assert subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, check=False).returncode == 42
    unsealed = code.replace("assert seal.seal()", "")
    if what in ("a file", "a folder", "a socket", "a pair of sockets", "a child", "a thread", "a signal"):
        assert subprocess.run([sys.executable, "-c", unsealed], cwd=CHECKOUT, check=False).returncode == 0


@pytest.fixture
def long_recording(tmp_path: Path) -> Path:
    """Six hours of silence that take no room on the disk."""
    path = tmp_path / "long.wav"
    data_bytes = LONG_S * 16_000 * 2
    path.write_bytes(wav(data_bytes=data_bytes)[:44])
    os.truncate(path, 44 + data_bytes)
    return path


class Cancelled(Exception):
    pass


def children(of: int) -> list[int]:
    """The processes that a process has started and not waited for."""
    found: list[int] = []
    for task in Path(f"/proc/{of}/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread that ended meanwhile
            found += map(int, (task / "children").read_text().split())
    return found


def templates(of: int) -> list[int]:
    """The processes that a process has its decoding processes forked from."""
    return [pid for pid in children(of) if b"asr.forking" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def decoders(of: int) -> list[int]:
    """The decoding processes that work for a process."""
    return [pid for template in templates(of) for pid in children(template)]


def apart(
    source: Path, limits: Limits, progress: Callable[[float], None] = lambda _: None, used: Template | None = None
) -> Decoded:
    with ExitStack() as opened:
        sink = opened.enter_context(source.with_suffix(".pcm").open("wb"))
        file = opened.enter_context(source.open("rb", buffering=0))
        return decode_apart(file, [sink], suffix=".wav", limits=limits, progress=progress, used=used)


def test_the_kernel_here_seals(long_recording: Path, caplog: pytest.LogCaptureFixture) -> None:
    short = long_recording.with_name("short.wav")
    soundfile.write(short, tone(440, 1, 16_000), 16_000)
    assert apart(short, Limits()) == Decoded(frames=SAMPLE_RATE_HZ, tracks=1)
    assert caplog.messages == []


@pytest.mark.timed
def test_it_starts_at_once_and_imports_next_to_nothing(tmp_path: Path) -> None:
    source = tmp_path / "short.wav"
    soundfile.write(source, tone(440, 1, 16_000), 16_000)
    decode(source, tmp_path / "work")
    took_s = []
    for _ in range(5):
        began_s = time.monotonic()
        decode(source, tmp_path / "work")
        took_s.append(time.monotonic() - began_s)
    assert min(took_s) < 0.1
    heavy = "{'numpy', 'faster_whisper', 'ctranslate2', 'onnxruntime', 'pydantic', 'core'} & set(sys.modules)"
    code = f"import sys, asr.forking; print({heavy} or 'light')"
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "light"


def test_each_recording_has_a_process_of_its_own_that_ends_with_it(long_recording: Path, tmp_path: Path) -> None:
    seen: list[int] = []

    def progress(at_s: float) -> None:
        if at_s > 0:
            seen.extend(decoders(os.getpid()))
            raise Cancelled

    for _ in range(3):
        with pytest.raises(Cancelled):
            decode(long_recording, tmp_path / "work", progress=progress)
        assert decoders(os.getpid()) == []
    assert len(set(seen)) == len(seen) == 3
    assert len(templates(os.getpid())) == 1


def test_several_at_once_do_not_end_one_another(long_recording: Path, tmp_path: Path) -> None:
    short = tmp_path / "short.wav"
    soundfile.write(short, tone(440, 1, 16_000), 16_000)

    def progress(at_s: float) -> None:
        if at_s > 0:
            (pcm,) = decode(short, tmp_path / "other")
            assert pcm.frames == SAMPLE_RATE_HZ
            assert len(decoders(os.getpid())) == 1
            raise Cancelled

    with pytest.raises(Cancelled):
        decode(long_recording, tmp_path / "work", progress=progress)


def test_a_template_that_was_killed_is_started_again(tmp_path: Path) -> None:
    source = tmp_path / "short.wav"
    soundfile.write(source, tone(440, 1, 16_000), 16_000)
    decode(source, tmp_path / "work")
    (killed,) = templates(os.getpid())
    os.kill(killed, signal.SIGKILL)
    (pcm,) = decode(source, tmp_path / "work")
    assert pcm.frames == SAMPLE_RATE_HZ
    assert killed not in templates(os.getpid())


def test_a_template_that_is_killed_while_it_is_used_says_nothing_about_the_file(long_recording: Path) -> None:
    def progress(at_s: float) -> None:
        for pid in templates(os.getpid()) if at_s > 0 else []:
            os.kill(pid, signal.SIGKILL)

    with pytest.raises(MadoguchiError) as raised:
        apart(long_recording, Limits(), progress)
    assert raised.value.message == MadoguchiError.default


def test_what_progress_raises_ends_it(long_recording: Path, tmp_path: Path) -> None:
    seen: list[float] = []

    def progress(at_s: float) -> None:
        seen.append(at_s)
        if at_s > 0:
            raise Cancelled

    with pytest.raises(Cancelled):
        decode(long_recording, tmp_path / "work", progress=progress)
    assert 0 < seen[-1] < LONG_S
    assert decoders(os.getpid()) == []
    assert list((tmp_path / "work").iterdir()) == []


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        (Limits(longest_s=60), r"長すぎます.最長 1:00"),
        (Limits(cpu_s=1), "時間とメモリの中で"),
        (Limits(memory_bytes=60_000_000), "時間とメモリの中で"),
    ],
)
def test_each_limit_ends_it(limits: Limits, sentence: str, long_recording: Path) -> None:
    with pytest.raises(UnreadableMedia, match=sentence):
        apart(long_recording, limits)
    assert decoders(os.getpid()) == []


FALLS = [
    (signal.SIGSTOP, "時間とメモリの中で"),
    (signal.SIGKILL, "時間とメモリの中で"),
    (signal.SIGSEGV, "壊れているため、読み取れません"),
]


@pytest.mark.parametrize(("how", "sentence"), FALLS)
def test_one_that_stands_still_or_falls_is_given_up(how: signal.Signals, sentence: str, long_recording: Path) -> None:
    def progress(at_s: float) -> None:
        for pid in decoders(os.getpid()) if at_s > 0 else []:
            os.kill(pid, how)

    with pytest.raises(UnreadableMedia, match=sentence):
        apart(long_recording, Limits(patience_s=1), progress)
    assert decoders(os.getpid()) == []


BABBLE = [
    "print('no json')",
    "print('[' * 3000)",
    "print('[]')",
    'print(\'{"frames": 1e999, "tracks": 1}\')',
    'print(\'{"frames": 16000, "tracks": 1}\')',
    'print(\'{"frames": 16000, "tracks": -1}\')',
    'print(\'{"fault": "no such fault"}\')',
    'print(\'{"fault": "cut", "at_s": NaN}\')',
]


@pytest.fixture
def instead() -> Iterator[Callable[[str], Template]]:
    """instead(code) -> what forks processes that do something else than to decode."""
    with ExitStack() as opened:

        def make(code: str) -> Template:
            start = "import sys; sys.path += sys.argv[2:]; from asr import forking, media\n"
            start += f"def work(*_):\n    {code}\n    sys.stdout.flush()\nmedia.work = work\nforking.main()"
            made = Template(start)
            opened.callback(made.close)
            return made

        yield make


@pytest.mark.parametrize("code", BABBLE)
def test_one_that_was_taken_over_is_not_believed(code: str, long_recording: Path, instead: Callable[[str], Template]) -> None:
    with pytest.raises(UnreadableMedia, match="壊れているため、読み取れません"):
        apart(long_recording, Limits(), used=instead(code))


def test_one_that_can_not_begin_says_nothing_about_the_file(long_recording: Path, instead: Callable[[str], Template]) -> None:
    with pytest.raises(MadoguchiError) as raised:
        apart(long_recording, Limits(), used=instead("import no_such_module"))
    assert raised.value.message == MadoguchiError.default


def test_a_template_that_can_not_begin_says_nothing_about_the_file(long_recording: Path) -> None:
    with pytest.raises(MadoguchiError) as raised:
        apart(long_recording, Limits(), used=Template("import no_such_module"))
    assert raised.value.message == MadoguchiError.default


def test_one_that_talks_without_end_is_cut_short(long_recording: Path, instead: Callable[[str], Template]) -> None:
    with pytest.raises(UnreadableMedia, match="時間とメモリの中で"):
        apart(long_recording, Limits(), used=instead("while True: print('x' * 1000, end='')"))


@pytest.fixture
def waiting(long_recording: Path, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that waits for a decoding process."""
    code = (
        f"from pathlib import Path\nfrom asr.audio import decode\ndecode(Path({str(long_recording)!r}), Path({str(tmp_path)!r}))"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=CHECKOUT) as process:
        yield process
        process.kill()


def test_it_goes_with_the_process_that_waits_for_it(waiting: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 20
    while not (found := decoders(waiting.pid)):
        assert time.monotonic() < end
        time.sleep(0.02)
    found += templates(waiting.pid)
    waiting.kill()
    while any(Path(f"/proc/{pid}").exists() for pid in found):
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_disk_that_is_full_is_not_the_file_s_fault(long_recording: Path) -> None:
    with (
        long_recording.open("rb", buffering=0) as source,
        Path("/dev/full").open("wb") as sink,
        pytest.raises(OSError, match="No space left"),
    ):
        decode_apart(source, [sink], suffix=".wav", limits=Limits(), progress=lambda _: None)
