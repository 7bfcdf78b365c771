"""Real telephones say something known, and the call's folder holds it."""

from __future__ import annotations

import asyncio
import wave
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soxr
from callee_kit import answering
from callers import BARESIP, installed
from rtp_kit import begun, mu_law, noise

from telephony.media.options import MediaOptions
from telephony.media.recorder import MediaRecorder
from telephony.ongoing import OngoingCall, Samples

pytestmark = [installed, pytest.mark.timed]  # a telephone that stands still for a second has paused, and its sound does too

_OPTIONS = MediaOptions(first_port=21_300, last_port=21_399)

_SIPP = """<?xml version="1.0"?><scenario name="caller"><send retrans="500"><![CDATA[

INVITE sip:0986760000@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: <sip:caller@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:0986760000@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:caller@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

v=0
o=- 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [rtpstream_audio_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000

]]></send><recv response="100" optional="true"/><recv response="200"/><send><![CDATA[

ACK sip:0986760000@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
[last_From:]
[last_To:]
Call-ID: [call_id]
CSeq: 1 ACK
Content-Length: 0

]]></send><nop><action><exec rtp_stream="said.ul,1,0,PCMU/8000"/></action></nop><pause milliseconds="2500"/>
<send retrans="500"><![CDATA[

BYE sip:0986760000@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
[last_From:]
[last_To:]
Call-ID: [call_id]
CSeq: 2 BYE
Content-Length: 0

]]></send><recv response="200"/></scenario>
"""


def _recorded(folder: Path, command: list[str]) -> OngoingCall:
    """What is kept of a call that a command makes; in it {port} stands for the port that is called."""

    async def call() -> OngoingCall:
        recorded, media = begun(folder), MediaRecorder(_OPTIONS)
        recorder = media.begin(recorded)
        try:
            async with answering(partial(recorder.receive, 0)) as (callee, port):
                process = await asyncio.create_subprocess_exec(
                    *(part.format(port=port) for part in command),
                    cwd=folder,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.STDOUT,
                )
                try:
                    output, _ = await asyncio.wait_for(process.communicate(), 20)
                finally:
                    if process.returncode is None:
                        process.kill()
                        await process.wait()
                assert callee.ended.is_set(), output.decode("utf-8", "replace")
        finally:
            await recorder.close()
            media.close()
        return recorded

    return asyncio.run(call())


def _sound(call: OngoingCall) -> Samples:
    sound = call.sound(0)
    assert sound is not None
    return sound.read(0, len(sound))


def _baresip(folder: Path, samples: Samples, rate_hz: int, account: str, channels: int = 1) -> OngoingCall:
    with wave.open(str(folder / "said.wav"), "wb") as said:
        said.setparams((channels, 2, rate_hz, len(samples), "NONE", ""))
        said.writeframes(np.repeat(samples, channels).tobytes())
    (folder / "config").write_text(BARESIP.format(tls="", folder=folder))
    (folder / "accounts").write_text(f'"Suzuki" <sip:0986760001@127.0.0.1>;regint=0{account}\n')
    (folder / "contacts").touch()
    return _recorded(folder, ["baresip", "-4", "-f", str(folder), "-e", "/dial sip:0986760000@127.0.0.1:{port}", "-t", "2"])


def test_sipp_is_kept_sample_for_sample(tmp_path: Path) -> None:
    (tmp_path / "said.ul").write_bytes(noise(2))
    (tmp_path / "caller.xml").write_text(_SIPP)
    sipp = ["sipp", "127.0.0.1:{port}", "-sf", "caller.xml", "-i", "127.0.0.1", "-mi", "127.0.0.1", "-m", "1", "-nostdin"]
    call = _recorded(tmp_path, sipp)
    assert mu_law(noise(2)).tobytes() in _sound(call).tobytes()
    assert call.events() == []


@pytest.mark.parametrize(("codec", "encrypted"), [("PCMU", ""), ("PCMA", ""), ("PCMU", ";mediaenc=srtp-mand")])
def test_baresip_in_g711_is_kept_as_well_as_the_form_allows(tmp_path: Path, codec: str, encrypted: str) -> None:
    said = mu_law(noise(10))  # more than is sent until it hangs up
    call = _baresip(tmp_path, said, 8_000, f";audio_codecs={codec}/8000/1{encrypted}")
    kept = _sound(call)
    at = int(np.flatnonzero(kept)[0])
    heard = kept[at : at + 8_000].astype(float)
    lags = [float(np.corrcoef(heard, said[i : i + 8_000])[0, 1]) for i in range(0, 4_000)]
    assert max(lags) > (0.9999 if codec == "PCMU" else 0.999)
    assert call.events() == []


def test_baresip_in_g722_is_kept_without_seams(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    # as narrow as speech: smoothed noise
    said = np.convolve(rng.normal(0, 6_000, 160_000), np.ones(8) / 4, "same").astype(np.int16)
    call = _baresip(tmp_path, said, 16_000, ";audio_codecs=G722/16000/1")
    sound = call.sound(0)
    assert sound is not None and sound.rate_hz == 16_000
    kept = sound.read(0, len(sound))
    at = int(np.flatnonzero(kept)[0]) + 1_600
    heard = kept[at : at + 16_000].astype(float)
    assert max(float(np.corrcoef(heard, said[i : i + 16_000])[0, 1]) for i in range(0, 8_000)) > 0.95
    assert call.events() == []


def test_baresip_in_opus_is_kept_without_seams(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    said = np.convolve(rng.normal(0, 6_000, 480_000), np.ones(24) / 12, "same").astype(np.int16)
    call = _baresip(tmp_path, said, 48_000, ";audio_codecs=opus/48000/2", channels=2)
    sound = call.sound(0)
    assert sound is not None and sound.rate_hz == 16_000
    kept = sound.read(0, len(sound))
    heard = kept[int(np.flatnonzero(kept)[0]) + 1_600 :][:16_000].astype(float)
    narrow = soxr.resample(said.astype(float), 48_000, 16_000)
    assert max(float(np.corrcoef(heard, narrow[i : i + 16_000])[0, 1]) for i in range(0, 8_000)) > 0.9
    assert call.events() == []
