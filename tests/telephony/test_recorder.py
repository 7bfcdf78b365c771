"""Real packets to real ports: what a call's folder holds at its end, whoever else sends, and what the disk does."""

from __future__ import annotations

import asyncio
import math
import os
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pylibsrtp import Policy, Session
from rtp_kit import FRAME, G722, PCMA, PCMU, TELEPHONE_EVENT, begun, is_in, mu_law, noise, packets

from core.errors import Busy, SettingsError
from telephony.media.g711 import A_LAW
from telephony.media.options import MediaOptions
from telephony.media.recorder import CallRecorder, MediaRecorder
from telephony.media.rtp import Packet, pack, parse
from telephony.ongoing import OngoingCall, Samples
from telephony.streams import Codec, Keys, Offered, Received

pytestmark = pytest.mark.timed  # a sender who stands still for a second has paused, and its sound does too

_OPTIONS = MediaOptions(first_port=21_000, last_port=21_099)
_SOON_S = 0.35  # until a packet has been read


class Phone:
    """A sender with a socket of its own."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.sealing: Session | None = None

    def offers(self, *codecs: Codec, keys: Keys | None = None, sends: bool = True) -> Offered:
        host, port = self.socket.getsockname()
        return Offered(host=host, port=port, codecs=codecs or (PCMU, PCMA, TELEPHONE_EVENT), keys=keys, sends=sends)

    def send(self, received: Received | None, packet: Packet | bytes) -> None:
        assert received is not None
        data = pack(packet) if isinstance(packet, Packet) else packet
        self.socket.sendto(self.sealing.protect(data) if self.sealing else data, ("127.0.0.1", received.port))

    async def speak(self, received: Received | None, sent: Iterable[Packet], every_s: float = 0.02) -> None:
        """In real time."""
        at_s = time.monotonic()
        for packet in sent:
            self.send(received, packet)
            at_s += every_s
            await asyncio.sleep(max(0.0, at_s - time.monotonic()))


Phones = Callable[[], Phone]


@pytest.fixture
def new_phone() -> Iterator[Phones]:
    made: list[Phone] = []

    def make() -> Phone:
        made.append(Phone())
        return made[-1]

    yield make
    for phone in made:
        phone.socket.close()


@asynccontextmanager
async def _recording(
    folder: Path, options: MediaOptions = _OPTIONS, protocol: str = "SIP"
) -> AsyncIterator[tuple[CallRecorder, OngoingCall]]:
    call = begun(folder, protocol=protocol)
    recorder = MediaRecorder(options).begin(call)
    yield recorder, call
    await recorder.close()


def _sound(call: OngoingCall, leg: int = 0) -> Samples:
    sound = call.sound(leg)
    return sound.read(0, len(sound)) if sound else np.empty(0, np.int16)


def _holds(call: OngoingCall, known: Samples, leg: int = 0) -> bool:
    """Whether the file ends with known sound, after nothing but silence."""
    sound = _sound(call, leg)
    end = len(sound) - len(known)
    return end >= 0 and np.array_equal(sound[end:], known) and not sound[:end].any()


def test_two_legs_are_kept_apart_exactly_and_in_step(tmp_path: Path, new_phone: Phones) -> None:
    async def call() -> OngoingCall:
        async with _recording(tmp_path) as (recorder, call):
            one, two = new_phone(), new_phone()
            first = await recorder.receive(0, one.offers())
            second = await recorder.receive(1, two.offers(PCMA))
            assert first and second and first.port % 2 == 0 and second.port != first.port
            assert [c.name for c in first.codecs] == ["PCMU", "PCMA", "TELEPHONE-EVENT"]
            sent = zip(packets(noise(1.5), sequence=65_530), packets(noise(1.5, 2), codec=PCMA), strict=True)
            for p, q in sent:
                one.send(first, p)
                two.send(second, q)
                await asyncio.sleep(0.02)
        return call

    done = asyncio.run(call())
    assert _holds(done, mu_law(noise(1.5))) and _holds(done, A_LAW[np.frombuffer(noise(1.5, 2), np.uint8)], leg=1)
    assert abs(len(_sound(done, 0)) - len(_sound(done, 1))) < 0.04 * 8_000
    assert done.events() == []


def test_only_what_is_understood_is_taken(tmp_path: Path, new_phone: Phones) -> None:
    async def call() -> None:
        async with _recording(tmp_path) as (recorder, _):
            phone = new_phone()
            assert await recorder.receive(0, phone.offers(Codec(18, "G729", 8000), TELEPHONE_EVENT)) is None
            assert await recorder.receive(0, phone.offers(Codec(96, "PCMU", 16_000))) is None
            received = await recorder.receive(0, phone.offers(Codec(18, "G729", 8000), G722, Codec(110, "PCMU", 8000)))
            assert received and [c.name for c in received.codecs] == ["G722", "PCMU"]
            assert await recorder.receive(0, phone.offers(Codec(18, "G729", 8000))) is None
            await asyncio.sleep(0.6)
            phone.send(received, packets(noise(0.1), codec=Codec(110, "PCMU", 8000))[0])
            await asyncio.sleep(_SOON_S)
            assert recorder.silent_s < 0.5

    asyncio.run(call())


def test_strangers_are_not_heard_nor_what_is_no_sound(tmp_path: Path, new_phone: Phones) -> None:
    async def call() -> OngoingCall:
        async with _recording(tmp_path) as (recorder, call):
            phone, stranger = new_phone(), new_phone()
            received = await recorder.receive(0, phone.offers())
            for garbage in (b"", b"\x80", os.urandom(12), bytes(3_000), b"\x80\xc8" + bytes(26)):
                stranger.send(received, garbage)
            stranger.send(received, Packet(18, 1, 1, 5, bytes(20)))
            for p in packets(noise(1)):
                phone.send(received, p)
                stranger.send(received, p._replace(ssrc=9, payload=bytes(FRAME)))
                phone.send(received, b"\x80\xc8" + bytes(26))
                await asyncio.sleep(0.02)
        return call

    done = asyncio.run(call())
    assert _holds(done, mu_law(noise(1))) and done.events() == []


def test_whom_signalling_named_takes_the_leg_from_who_was_quicker(tmp_path: Path, new_phone: Phones) -> None:
    async def call() -> OngoingCall:
        async with _recording(tmp_path) as (recorder, call):
            phone, quicker = new_phone(), new_phone()
            received = await recorder.receive(0, phone.offers())
            quicker.send(received, Packet(0, 60, 1, 7, b"\xff" * FRAME))  # even under the number of the phone's stream
            await asyncio.sleep(_SOON_S)
            for p in packets(noise(0.5)):
                phone.send(received, p)
                quicker.send(received, p._replace(ssrc=5, payload=bytes(FRAME)))
                await asyncio.sleep(0.02)
        return call

    assert _holds(asyncio.run(call()), mu_law(noise(0.5)))


def test_a_phone_behind_a_router_is_heard_from_where_it_sends(tmp_path: Path, new_phone: Phones) -> None:
    async def call() -> OngoingCall:
        async with _recording(tmp_path) as (recorder, call):
            phone = new_phone()
            received = await recorder.receive(0, Offered(host="192.0.2.7", port=4_000, codecs=(PCMU,)))
            await phone.speak(received, packets(noise(0.5)))
        return call

    assert _holds(asyncio.run(call()), mu_law(noise(0.5)))


def test_sound_is_received_over_ipv6_too(tmp_path: Path) -> None:
    async def call() -> OngoingCall:
        options = MediaOptions(host="::1", first_port=21_000, last_port=21_099)
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as phone:
            try:
                phone.bind(("::1", 0))
            except OSError:
                pytest.skip("this machine has no IPv6")
            async with _recording(tmp_path, options) as (recorder, call):
                offered = Offered(host="0:0:0:0:0:0:0:1", port=phone.getsockname()[1], codecs=(PCMU,))
                received = await recorder.receive(0, offered)
                assert received
                for p in packets(noise(0.5)):
                    phone.sendto(pack(p), ("::1", received.port))
                    await asyncio.sleep(0.02)
        return call

    assert _holds(asyncio.run(call()), mu_law(noise(0.5)))


def test_a_leg_goes_on_at_its_port_after_a_hold_and_elsewhere_after_a_move(tmp_path: Path, new_phone: Phones) -> None:
    async def call() -> OngoingCall:
        async with _recording(tmp_path) as (recorder, call):
            phone, other = new_phone(), new_phone()
            sent = packets(noise(3))
            received = await recorder.receive(0, phone.offers())
            await phone.speak(received, sent[:20])
            assert await recorder.receive(0, phone.offers(sends=False)) == received
            assert recorder.silent_s == math.inf
            await phone.speak(received, sent[20:100])  # held: nobody agreed to that, but for what was under way
            assert recorder.silent_s == math.inf
            assert await recorder.receive(0, phone.offers()) == received
            await phone.speak(received, sent[100:120])
            assert await recorder.receive(0, other.offers()) == received
            await other.speak(received, [p._replace(ssrc=88, sequence=p.sequence + 9_000) for p in sent[120:140]])
        return call

    done = asyncio.run(call())
    sound, known = _sound(done), mu_law(noise(3))
    start = int(np.flatnonzero(sound)[0]) - int(np.flatnonzero(known)[0])
    assert is_in(known[: 20 * FRAME], sound, start / 8_000)
    for first, behind, is_heard in ((60, 61, False), (100, 120, True), (120, 140, True)):
        assert (known[first * FRAME : behind * FRAME].tobytes() in sound.tobytes()) is is_heard
    assert done.events() == []


@pytest.mark.parametrize("is_moved", [False, True])
def test_a_hold_so_short_that_nobody_stopped_breaks_no_sentence(tmp_path: Path, new_phone: Phones, is_moved: bool) -> None:
    """Be the phone told to be elsewhere meanwhile, as before RFC 3264."""

    async def call() -> OngoingCall:
        async with _recording(tmp_path) as (recorder, call):
            phone = new_phone()
            sent = packets(noise(2))
            received = await recorder.receive(0, phone.offers())
            await phone.speak(received, sent[:20])
            held = replace(phone.offers(sends=False), host="0.0.0.0") if is_moved else phone.offers(sends=False)
            assert await recorder.receive(0, held)
            await phone.speak(received, sent[20:35])
            assert await recorder.receive(0, phone.offers())
            await phone.speak(received, [sent[36], sent[35], *sent[37:]])
        return call

    done = asyncio.run(call())
    assert mu_law(noise(2)).tobytes() in _sound(done).tobytes() and done.events() == []


def test_silence_is_counted_since_the_last_packet_of_any_leg_that_is_not_held(tmp_path: Path, new_phone: Phones) -> None:
    async def call() -> None:
        async with _recording(tmp_path) as (recorder, _):
            assert recorder.silent_s == math.inf
            one, two = new_phone(), new_phone()
            first = await recorder.receive(0, one.offers())
            await recorder.receive(1, two.offers(sends=False))
            await asyncio.sleep(0.6)
            assert 0.5 < recorder.silent_s < 1.5
            one.send(first, packets(noise(0.1))[0])
            await asyncio.sleep(_SOON_S)
            assert recorder.silent_s < 0.5
            await recorder.receive(0, one.offers(sends=False))
            assert recorder.silent_s == math.inf
            await recorder.receive(1, two.offers())
            await asyncio.sleep(0.3)
            assert 0.25 < recorder.silent_s < 1.0
            recorder.drop(1)
            assert recorder.silent_s == math.inf

    asyncio.run(call())


def test_a_stream_that_was_taken_back_may_come_again_into_the_same_file(tmp_path: Path, new_phone: Phones) -> None:
    async def call() -> OngoingCall:
        async with _recording(tmp_path) as (recorder, call):
            phone, sent = new_phone(), packets(noise(1))
            received = await recorder.receive(0, phone.offers())
            await phone.speak(received, sent[:10])
            recorder.drop(0)
            recorder.drop(0)
            recorder.drop(1)
            again = await recorder.receive(0, phone.offers())
            assert again and received and again.port != received.port
            await phone.speak(again, sent[15:25])
        return call

    done = asyncio.run(call())
    known, sound = mu_law(noise(1)), _sound(done)
    sent = np.concatenate([known[: 10 * FRAME], known[15 * FRAME : 25 * FRAME]])
    assert np.array_equal(sound[sound != 0], sent[sent != 0])
    assert done.events() == []
    assert len([p for p in done.folder.iterdir() if p.suffix == ".pcm"]) == 1


@pytest.mark.parametrize(
    ("suite", "profile", "key_bytes"),
    [
        ("AES_CM_128_HMAC_SHA1_80", Policy.SRTP_PROFILE_AES128_CM_SHA1_80, 30),
        ("AES_CM_128_HMAC_SHA1_32", Policy.SRTP_PROFILE_AES128_CM_SHA1_32, 30),
        ("AEAD_AES_128_GCM", Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 28),
        ("AEAD_AES_256_GCM", Policy.SRTP_PROFILE_AEAD_AES_256_GCM, 44),
    ],
)
def test_encrypted_sound_is_opened_also_after_the_count_wrapped_and_signalling_came_again(
    tmp_path: Path, new_phone: Phones, suite: str, profile: int, key_bytes: int
) -> None:
    keys = Keys(suite, bytes(range(key_bytes)))

    async def call() -> tuple[OngoingCall, Keys]:
        async with _recording(tmp_path) as (recorder, call):
            phone, stranger = new_phone(), new_phone()
            phone.sealing = Session(Policy(key=keys.master, ssrc_type=Policy.SSRC_ANY_OUTBOUND, srtp_profile=profile))
            sent = packets(noise(0.8), sequence=65_520)
            received = await recorder.receive(0, phone.offers(keys=keys))
            assert received and received.keys and received.keys.suite == suite and received.keys.master != keys.master
            stranger.send(received, sent[0])  # not encrypted: it doesn't even get the leg
            await phone.speak(received, sent[:30])
            assert await recorder.receive(0, phone.offers(keys=keys)) == received
            await phone.speak(received, sent[30:])
        return call, received.keys

    done, _ = asyncio.run(call())
    assert _holds(done, mu_law(noise(0.8))) and done.events() == []


def test_keys_that_cannot_be_used_are_no_form_of_sound(tmp_path: Path, new_phone: Phones) -> None:
    async def call() -> None:
        async with _recording(tmp_path) as (recorder, _):
            phone = new_phone()
            for keys in (Keys("F8_128_HMAC_SHA1_80", bytes(30)), Keys("AES_CM_128_HMAC_SHA1_80", bytes(16))):
                assert await recorder.receive(0, phone.offers(keys=keys)) is None

    asyncio.run(call())


@pytest.mark.parametrize("protocol", ["SIP", "SIPREC"])
def test_a_phone_hears_silence_and_a_recording_client_nothing(tmp_path: Path, new_phone: Phones, protocol: str) -> None:
    async def call() -> list[bytes]:
        async with _recording(tmp_path, protocol=protocol) as (recorder, _):
            phone = new_phone()
            await recorder.receive(0, phone.offers())
            heard = []
            for _ in range(15):
                await asyncio.sleep(0.1)
                try:
                    heard.append(phone.socket.recv(2_000))
                except BlockingIOError:
                    continue
        return heard

    said = [parse(data) for data in asyncio.run(call())]
    assert len(said) in ((1, 2) if protocol == "SIP" else (0,))
    assert all(p and p.payload_type == 0 and p.payload == b"\xff" * FRAME for p in said)


def test_what_still_waits_for_a_slow_disk_or_in_the_socket_at_the_end_is_kept(tmp_path: Path, new_phone: Phones) -> None:
    async def call() -> OngoingCall:
        call, media = begun(tmp_path), MediaRecorder(_OPTIONS)
        recorder, phone, sent = media.begin(call), new_phone(), packets(noise(1))
        received = await recorder.receive(0, phone.offers())
        media.writer.submit(time.sleep, 1.5)
        await phone.speak(received, sent[:45])
        for p in sent[45:]:
            phone.send(received, p)
        await recorder.close()
        media.close()
        return call

    assert _holds(asyncio.run(call()), mu_law(noise(1)))


def test_a_freed_port_rests_and_a_taken_one_is_passed_over(tmp_path: Path, new_phone: Phones) -> None:
    now = [100.0]
    options = MediaOptions(first_port=21_200, last_port=21_205, rest_s=10)

    async def calls() -> None:
        taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        taken.bind(("127.0.0.1", 21_203))  # the RTCP port of the second pair
        media = MediaRecorder(options, clock=lambda: now[0])
        recorder, phone = media.begin(begun(tmp_path)), new_phone()
        assert [r.port for r in [await recorder.receive(i, phone.offers()) for i in (0, 1)] if r] == [21_200, 21_204]
        other = media.begin(begun(tmp_path, "b"))
        with pytest.raises(Busy):
            await other.receive(0, phone.offers())
        await recorder.close()
        with pytest.raises(Busy):
            await other.receive(0, phone.offers())
        now[0] += 10
        taken.close()
        received = [await other.receive(i, phone.offers()) for i in (0, 1)]
        assert {r.port for r in received if r} <= {21_200, 21_202, 21_204}
        await other.close()
        media.close()

    asyncio.run(calls())


def test_a_range_of_ports_that_cannot_be_is_refused() -> None:
    for first, last in ((21_001, 21_010), (80, 90), (22_000, 21_000), (65_000, 70_000)):
        with pytest.raises(SettingsError):
            MediaOptions(first_port=first, last_port=last)


def test_a_call_that_nobody_ends_falls_silent_and_its_file_grows_no_more(tmp_path: Path, new_phone: Phones) -> None:
    async def call() -> OngoingCall:
        options = MediaOptions(first_port=21_000, last_port=21_099, longest_call_s=1.0)
        async with _recording(tmp_path, options) as (recorder, call):
            phone = new_phone()
            received = await recorder.receive(0, phone.offers())
            await phone.speak(received, packets(noise(2)))
            assert recorder.silent_s > 0.8
        return call

    sound = _sound(asyncio.run(call()))
    assert 0.8 * 8_000 < len(sound) <= 1.05 * 8_000


def test_a_full_disk_ends_no_call_and_what_comes_later_is_kept(
    tmp_path: Path, new_phone: Phones, caplog: pytest.LogCaptureFixture
) -> None:
    async def call() -> OngoingCall:
        async with _recording(tmp_path) as (recorder, call):
            phone, sent = new_phone(), packets(noise(3))
            sound = call.folder / "0-8000.pcm"
            sound.symlink_to("/dev/full")
            received = await recorder.receive(0, phone.offers())
            await phone.speak(received, sent[:50])
            await asyncio.sleep(0.3)
            sound.unlink()
            sound.touch()
            await phone.speak(received, sent[65:])
        return call

    done = asyncio.run(call())
    known = mu_law(noise(3))[65 * FRAME :]
    assert np.array_equal(_sound(done)[-len(known) :], known)
    assert [r.message for r in caplog.records].count("sound_not_written") == 1
    (loss,) = [e for e in done.events() if e.lasts_s > 0.9]
    assert 0.95 < loss.lasts_s < 1.5
