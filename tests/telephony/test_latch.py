"""Whose sound a leg takes, when anybody can send to its port."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from contextlib import closing
from ipaddress import ip_network
from pathlib import Path

import pytest
from rtp_kit import PCMU, begun, mu_law, noise, packets

from telephony.media.codecs import TICKS_HZ
from telephony.media.latch import GIVES_WAY, Address, Latch
from telephony.media.options import MediaOptions
from telephony.media.ports import Ports
from telephony.media.receiver import Receiver
from telephony.media.recorder import MediaRecorder
from telephony.media.rtp import pack
from telephony.ongoing import Happened
from telephony.streams import Offered

_SOON_S = 1.0
_STAMPED_S = 0.1  #: Linux begins to stamp packets a moment after it was asked to
_GIVES_WAY_S = GIVES_WAY / TICKS_HZ + 0.1
CITY = (ip_network("192.0.2.0/24"), ip_network("2001:db8::/32"))


@pytest.mark.parametrize(
    ("named", "source", "is_stranger"),
    [
        (("192.0.2.9", 4000), ("192.0.2.9", 4000), False),
        (("192.0.2.9", 4000), ("192.0.2.77", 9), False),  # of the city's, which a wrong address in SDP must not keep out
        (("198.51.100.1", 4000), ("198.51.100.1", 4002), False),  # a gateway elsewhere, that sends from another port
        (("198.51.100.1", 4000), ("198.51.100.2", 4000), True),
        (None, ("192.0.2.9", 4000), False),
        (None, ("198.51.100.1", 4000), True),
        (("::ffff:198.51.100.1", 4000), ("::ffff:198.51.100.1", 1), False),
        (None, ("::ffff:192.0.2.1", 4000), False),
        (None, ("::ffff:198.51.100.1", 4000), True),
        (None, ("2001:db8::1%eth0", 4000), False),
        (None, ("2001:db9::1", 4000), True),
    ],
)
def test_who_is_neither_named_nor_of_the_citys_networks_is_a_stranger(
    named: Address | None, source: Address, is_stranger: bool
) -> None:
    assert Latch(named, CITY).is_stranger(source) is is_stranger


@pytest.mark.parametrize(("host", "named"), [("127.0.0.1", "192.0.2.1"), ("127.0.0.3", "127.0.0.3")])
def test_a_stranger_who_sends_first_gets_no_leg_and_is_told_of(
    tmp_path: Path, host: str, named: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Nor where the address that the exchange told is wrong."""
    call, told = begun(tmp_path), list[logging.LogRecord]()
    options = MediaOptions(first_port=21_500, last_port=21_599, networks=(ip_network("127.0.0.1/32"),))

    async def record() -> None:
        recorder = MediaRecorder(options).begin(call)
        received = await recorder.receive(0, Offered(host=named, port=4_000, codecs=(PCMU,)))
        assert received is not None
        for source, seed in (("127.0.0.2", 1), (host, 2), ("127.0.0.2", 3)):
            with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as sender:
                sender.bind((source, 0))
                for packet in packets(noise(0.1, seed), ssrc=seed):
                    sender.sendto(pack(packet), ("127.0.0.1", received.port))
            if seed == 1:
                await asyncio.sleep(_SOON_S)
                told.extend(r for r in caplog.records if r.levelno == logging.WARNING)
        await recorder.close()

    asyncio.run(record())
    sound = call.sound(0)
    assert sound is not None and sound.read(0, len(sound)).tolist()[-800:] == mu_law(noise(0.1, 2)).tolist()
    assert [(r.message, vars(r)["from"], vars(r)["call"]) for r in told] == [("stranger_not_heard", "127.0.0.2", "a")]
    last = [r for r in caplog.records if r.levelno == logging.WARNING][-1]
    assert last.message == "sound_of_strangers" and vars(last)["packets"] == 5, "who sends when the leg is taken is not counted"


@pytest.mark.parametrize("may", [True, False])
def test_silence_is_sent_only_where_somebody_may_be_sent_to(may: bool) -> None:
    pair = Ports(MediaOptions(first_port=21_500, last_port=21_599), time.monotonic).take()
    with closing(pair.rtp), closing(pair.rtcp), closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as phone:
        phone.bind(("127.0.0.1", 0))
        phone.setblocking(False)
        host, port = phone.getsockname()
        receiver = Receiver(pair, lambda: 0, call="a", until=8_000, epoch=0, networks=CITY)
        receiver.agree(Offered(host=host, port=port, codecs=(PCMU,), may_be_sent_to=may))
        receiver.say_nothing()
        try:
            assert phone.recv(2_048) and may
        except BlockingIOError:
            assert not may


@pytest.mark.parametrize(("first", "next_"), [("127.0.0.1", "127.0.0.1"), ("127.0.0.1", "127.0.0.3")])
def test_sound_that_moves_to_another_port_is_heard_again_once_the_first_is_silent(
    tmp_path: Path, first: str, next_: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Behind a gateway that sends from another port than it told."""
    call = begun(tmp_path)
    options = MediaOptions(first_port=21_500, last_port=21_599, networks=(ip_network("127.0.0.0/8"),))

    async def record() -> None:
        recorder = MediaRecorder(options).begin(call)
        received = await recorder.receive(0, Offered(host="192.0.2.1", port=4_000, codecs=(PCMU,)))
        assert received is not None
        with closing(_sender(first)) as old, closing(_sender(next_)) as new:
            for sender, seed, pause_s in ((old, 1, _STAMPED_S), (new, 2, _GIVES_WAY_S), (new, 3, 0.0), (old, 4, 0.0)):
                await asyncio.sleep(pause_s)
                for packet in packets(noise(0.1, seed), ssrc=seed, sequence=0):
                    sender.sendto(pack(packet), ("127.0.0.1", received.port))
        await asyncio.sleep(0.3)
        assert recorder.silent_s < 1.0
        await recorder.close()

    asyncio.run(record())
    sound = call.sound(0)
    assert sound is not None
    heard = sound.read(0, len(sound)).tolist()
    for seed, is_heard in ((1, True), (2, True), (4, False)):
        known = mu_law(noise(0.1, seed)).tolist()
        assert any(heard[at : at + len(known)] == known for at in range(len(heard) - len(known) + 1)) is is_heard, seed
    (told,) = [r for r in caplog.records if r.levelno == logging.WARNING]
    assert told.message == "sound_of_others" and vars(told)["packets"] == 5


def test_of_a_stream_that_goes_on_from_another_port_nothing_is_lost_and_what_is_lost_is_told(tmp_path: Path) -> None:
    call, sent = begun(tmp_path), noise(0.2)
    stream = packets(sent, sequence=65_530)

    async def record() -> None:
        recorder = MediaRecorder(MediaOptions(first_port=21_500, last_port=21_599)).begin(call)
        received = await recorder.receive(0, Offered(host="192.0.2.1", port=4_000, codecs=(PCMU,)))
        assert received is not None
        with closing(_sender("127.0.0.1")) as old, closing(_sender("127.0.0.1")) as new:
            for sender, part in ((old, stream[:3]), (new, stream[3:6]), (old, stream[7:])):
                for packet in part:
                    sender.sendto(pack(packet), ("127.0.0.1", received.port))
        await recorder.close()

    asyncio.run(record())
    sound = call.sound(0)
    assert sound is not None
    heard, known = sound.read(0, len(sound))[-1_600:], mu_law(sent)
    assert heard[:960].tolist() == known[:960].tolist() and heard[1_120:].tolist() == known[1_120:].tolist()
    assert [(e.kind, e.leg, e.lasts_s) for e in call.events()] == [(Happened.LOST, 0, 0.02)]


@pytest.mark.parametrize("is_told", [False, True])
def test_another_stream_from_another_port_is_heard_from_its_first_word(tmp_path: Path, is_told: bool) -> None:
    """Though it must wait until the first is silent for long, or the exchange says that it moved."""
    call, said = begun(tmp_path), noise(0.6 if is_told else 1.4, 2)

    async def record() -> None:
        recorder = MediaRecorder(MediaOptions(first_port=21_500, last_port=21_599)).begin(call)
        received = await recorder.receive(0, Offered(host="192.0.2.1", port=4_000, codecs=(PCMU,)))
        assert received is not None
        to = ("127.0.0.1", received.port)
        with closing(_sender("127.0.0.1")) as old, closing(_sender("127.0.0.1")) as new:
            await asyncio.sleep(_STAMPED_S)
            for packet in packets(noise(0.1), ssrc=1):
                old.sendto(pack(packet), to)
            for packet in packets(said, ssrc=2, sequence=900):
                await asyncio.sleep(0.02)
                new.sendto(pack(packet), to)
            if is_told:
                host, port = new.getsockname()
                assert await recorder.receive(0, Offered(host=host, port=port, codecs=(PCMU,)))
        await recorder.close()

    asyncio.run(record())
    sound = call.sound(0)
    assert sound is not None
    heard, known = sound.read(0, len(sound)), mu_law(said)
    assert heard[-len(known) :].tolist() == known.tolist() and call.events() == []


def _sender(host: str) -> socket.socket:
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.bind((host, 0))
    return sender


def test_who_owns_a_port_gives_it_to_the_named_at_once_to_another_when_silent_and_to_a_stranger_never() -> None:
    latch = Latch(("192.0.2.9", 4_000), CITY)
    latch.take(("192.0.2.7", 1), 0, packets(noise(0.1))[0])
    for source, at, may in (
        (("192.0.2.7", 1), 1, True),
        (("192.0.2.9", 4_000), 1, True),
        (("192.0.2.7", 2), GIVES_WAY - 1, False),
        (("192.0.2.7", 2), GIVES_WAY, True),
        (("192.0.2.8", 1), GIVES_WAY, True),
    ):
        assert latch.may_own(source, at) is may
