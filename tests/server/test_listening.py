"""Promises of the address that is listened at: had before anything is loaded, or refused at once in words that help."""

from __future__ import annotations

import errno
import socket
from pathlib import Path

import pytest
from uvicorn import Config

from core.errors import DiskFull, SettingsError
from core.faults import fault_of
from core.settings import Settings
from server.app import create_app
from server.commands.serve import Server
from server.listening import listen
from tests.conftest import run_madoguchi


def test_who_comes_while_the_models_are_loaded_waits_for_them() -> None:
    (listening,) = listen("127.0.0.1", 0)
    with listening, socket.create_connection(listening.getsockname(), timeout=5) as early:
        served, _ = listening.accept()
        with served:
            served.sendall(b"at last")
        assert early.recv(100) == b"at last"


@pytest.mark.parametrize("host", ["でたらめ", "/nonexistent/x", "192.0.2.77", "999.1.1.1", "a" * 300])
def test_what_is_no_address_of_this_machine_is_refused_in_words_that_help(host: str) -> None:
    with pytest.raises(SettingsError, match="待ち受けられません"):
        listen(host, 0)


def test_a_name_with_an_address_that_the_machine_lacks_is_listened_at_by_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [(socket.AF_INET, 1, 6, "", ("192.0.2.77", 0)), (socket.AF_INET, 1, 6, "", ("127.0.0.1", 0))]
    for found in (both, both[::-1]):
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, found=found, **__: found)
        (listening,) = listen("localhost", 0)
        with listening:
            assert listening.getsockname()[0] == "127.0.0.1"


def test_what_keeps_a_server_from_starting_reaches_the_command_line_which_has_a_sentence_for_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(settings)

    def fails() -> None:
        raise OSError(errno.ENOSPC, "no room for the queue")

    monkeypatch.setattr(app.state.service, "start", fails)
    (listening,) = listen("127.0.0.1", 0)
    with listening, pytest.raises(OSError, match="no room") as raised:
        Server(Config(app, log_config=None), app.state.service).run(sockets=[listening])
    assert type(fault_of(raised.value)) is DiskFull
    app.state.service.database.dispose()


@pytest.mark.process
def test_a_second_server_at_the_same_port_is_told_so_before_it_loads_anything(tmp_path: Path) -> None:
    (first,) = listen("127.0.0.1", 0)
    with first:
        port = str(first.getsockname()[1])
        done = run_madoguchi("serve", "--port", port, home=tmp_path, check=False)
    assert done.returncode == 1
    assert f"127.0.0.1 のポート {port} で待ち受けられません" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())
