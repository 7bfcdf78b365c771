"""Real callers: sipp and baresip call a server in this process."""

from __future__ import annotations

import asyncio
import ssl
import wave
from dataclasses import replace
from pathlib import Path

import pytest
from callers import BARESIP, installed
from certificate_kit import make_certificate
from peers import METADATA, REQUIRED, Served, run, serving

pytestmark = installed


async def call_with_baresip(folder: Path, target: str, account: str = "", commands: tuple[str, ...] = (), tls: str = "") -> str:
    """Let it call for two seconds, and do what it is told meanwhile. What it says."""
    (folder / "config").write_text(BARESIP.format(folder=folder, tls=tls))
    (folder / "accounts").write_text(f'"Suzuki" <sip:0986760001@127.0.0.1>;regint=0{account}\n')
    (folder / "contacts").touch()
    with wave.open(str(folder / "said.wav"), "wb") as said:
        said.setnchannels(1), said.setsampwidth(2), said.setframerate(16_000 if "G722" in account else 8_000)
        said.writeframes(bytes(2 * 16_000 * 4))
    arguments = [argument for command in (f"/dial {target}", *commands) for argument in ("-e", command)]
    process = await asyncio.create_subprocess_exec(
        "baresip",
        "-4",
        "-f",
        str(folder),
        *arguments,
        "-t",
        "2",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(process.communicate(), 20)
    return output.decode("utf-8", "replace")


async def was_called(served: Served) -> None:
    await served.until(lambda: served.ended)
    known = served.ended[0].call
    assert (known.other_name, known.other_number, known.our_number) == ("Suzuki", "0986760001", "0986760000")
    assert served.ended[0].ended is not None and served.ended[0].ended.why == "bye"


@pytest.mark.parametrize(("codec", "transport"), [("PCMU/8000/1", "udp"), ("PCMA/8000/1", "tcp"), ("G722/16000/1", "udp")])
def test_baresip_calls(tmp_path: Path, codec: str, transport: str) -> None:
    async def scenario() -> None:
        async with serving(tmp_path / "calls") as served:
            target = f"sip:0986760000@127.0.0.1:{served.server.port};transport={transport}"
            output = await call_with_baresip(tmp_path, target, f";audio_codecs={codec}")
            await was_called(served)
            assert served.media.begun[0].offered_ever[0].codecs[0].name == codec.partition("/")[0]
            assert served.media.begun[0].heard > 20, output

    run(scenario)


def test_baresip_calls_encrypted(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)

    async def scenario() -> None:
        async with serving(tmp_path / "calls", certificate=certificate) as served:
            target = f"sip:0986760000@127.0.0.1:{served.server.tls_port};transport=tls"
            tls = f"sip_cafile {certificate.chain}\nsip_verify_server yes"
            output = await call_with_baresip(tmp_path, target, ";mediaenc=srtp-mand", tls=tls)
            await was_called(served)
            keys = served.media.begun[0].offered_ever[0].keys
            assert keys is not None and len(keys.master) == 30, output

    run(scenario)


def test_baresip_is_asked_for_its_password(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path / "calls", passwords={"0986760001": "right"}, digests=("MD5",)) as served:
            target = f"sip:0986760000@127.0.0.1:{served.server.port}"
            await call_with_baresip(tmp_path, target, ";auth_user=0986760001;auth_pass=wrong")
            assert not served.media.begun
            await call_with_baresip(tmp_path, target, ";auth_user=0986760001;auth_pass=right")
            await was_called(served)

    run(scenario)


def test_a_peer_without_a_certificate_is_not_spoken_with_where_one_is_asked_for(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    asking = replace(certificate, authorities=certificate.chain)

    async def options(served: Served, *, shows: bool) -> bytes:
        trusting = ssl.create_default_context(cafile=certificate.chain)
        if shows:
            trusting.load_cert_chain(certificate.chain, certificate.key)
        reader, writer = await asyncio.open_connection("127.0.0.1", served.server.tls_port, ssl=trusting)
        writer.write(
            b"OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.0.1;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n"
            b"To: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
        )
        try:
            return await asyncio.wait_for(reader.read(12), 5)
        except (ssl.SSLError, ConnectionError):
            return b""
        finally:
            writer.transport.abort()

    async def scenario() -> None:
        async with serving(tmp_path / "calls", certificate=asking) as served:
            assert await options(served, shows=True) == b"SIP/2.0 200 "
            assert await options(served, shows=False) == b""

    run(scenario)


SIPREC = (
    """<?xml version="1.0" encoding="UTF-8"?>
<scenario name="recording client"><send retrans="500"><![CDATA[

INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:gateway@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:gateway@[local_ip]:[local_port];transport=[transport]>;+sip.src
"""
    + REQUIRED.replace("\r\n", "\n")
    + """Max-Forwards: 70
Content-Type: multipart/mixed;boundary=part
Content-Length: [len]

--part
Content-Type: application/sdp

v=0
o=- 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0
a=label:1
a=sendonly
m=audio [media_port+2] RTP/AVP 0
a=label:2
a=sendonly

--part
Content-Type: application/rs-metadata+xml
Content-Disposition: recording-session

"""
    + METADATA
    + """
--part--
]]></send>
<recv response="100" optional="true"/>
<recv response="200" rrs="true"/>
<send><![CDATA[

ACK sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:gateway@[local_ip]:[local_port]>;tag=[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
<pause milliseconds="200"/>
<send retrans="500"><![CDATA[

BYE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:gateway@[local_ip]:[local_port]>;tag=[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: 2 BYE
Max-Forwards: 70
Content-Length: 0

]]></send>
<recv response="200"/></scenario>
"""
)


async def call_with_sipp(folder: Path, port: int, *arguments: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *("sipp", f"127.0.0.1:{port}", "-s", "0986760000", "-i", "127.0.0.1", "-nostdin", *arguments),
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode is not None
    return process.returncode, output.decode("utf-8", "replace")


@pytest.mark.parametrize("transport", ["u1", "t1", "tn"])
def test_sipp_is_a_recording_client(tmp_path: Path, transport: str) -> None:
    (tmp_path / "siprec.xml").write_text(SIPREC)

    async def scenario() -> None:
        async with serving(tmp_path / "calls") as served:
            status, output = await call_with_sipp(
                tmp_path, served.server.port, "-sf", "siprec.xml", "-t", transport, "-max_socket", "100", "-m", "10", "-r", "50"
            )
            assert status == 0, output
            await served.until(lambda: len(served.ended) == 10)
            for call in served.ended:
                assert (call.call.other_name, call.call.our_name, call.call.protocol) == ("鈴木 花子", "市民課", "SIPREC")
                assert not call.call.lone_leg

    run(scenario)


def test_a_hundred_calls_of_sipps_at_once_are_all_taken(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path / "calls") as served:
            status, output = await call_with_sipp(
                tmp_path, served.server.port, "-sn", "uac", "-m", "100", "-r", "200", "-d", "500"
            )
            assert status == 0, output
            await served.until(lambda: len(served.ended) == 100)

    run(scenario)
