"""A recorder that is killed leaves every call up to the last second."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from rtp_kit import begun, mu_law, noise, packets

from core.settings import CHECKOUT
from telephony.media.rtp import pack

_RECORDER = """
import asyncio, sys
from pathlib import Path
from telephony.media.options import MediaOptions
from telephony.media.recorder import MediaRecorder
from telephony.ongoing import OngoingCall
from telephony.streams import Codec, Offered

async def record():
    recorder = MediaRecorder(MediaOptions(first_port=21_400, last_port=21_499)).begin(OngoingCall(Path(sys.argv[1])))
    received = await recorder.receive(0, Offered(host="192.0.2.1", port=4_000, codecs=(Codec(0, "PCMU", 8000),)))
    print(received.port, flush=True)
    await asyncio.sleep(60)

asyncio.run(record())
"""


@pytest.mark.timed
def test_kill_nine_takes_a_second_at_most(tmp_path: Path) -> None:
    call, sent = begun(tmp_path), packets(noise(3))
    command = [sys.executable, "-c", _RECORDER, str(call.folder)]
    with (
        subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as recorder,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone,
    ):
        assert recorder.stdout is not None
        port = int(recorder.stdout.readline())
        at_s = time.monotonic()
        for packet in sent:
            phone.sendto(pack(packet), ("127.0.0.1", port))
            at_s += 0.02
            time.sleep(max(0.0, at_s - time.monotonic()))
        recorder.send_signal(signal.SIGKILL)
    sound = call.sound(0)
    assert sound is not None and call.ended is None
    kept = sound.read(0, len(sound))
    known = mu_law(noise(3))
    start = int(np.flatnonzero(kept)[0]) - int(np.flatnonzero(known)[0])
    assert len(kept) - start >= 2 * 8_000
    assert np.array_equal(kept[start:], known[: len(kept) - start])
