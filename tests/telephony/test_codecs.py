"""Each form of sound is decoded as everybody else does it, and what is none is not guessed at."""

from __future__ import annotations

import audioop

import numpy as np
import pytest
from rtp_kit import G722, OPUS, PCMA, PCMU, WIDE_EVENT, meant

from telephony.media.codecs import Form, form, understood
from telephony.media.g711 import A_LAW, MU_LAW
from telephony.media.latch import address
from telephony.streams import Codec


def test_every_byte_of_g711_has_its_loudness() -> None:
    every = bytes(range(256))
    assert np.array_equal(MU_LAW, np.frombuffer(audioop.ulaw2lin(every, 2), "<i2"))
    assert np.array_equal(A_LAW, np.frombuffer(audioop.alaw2lin(every, 2), "<i2"))


@pytest.mark.parametrize("codec", [PCMU, PCMA, G722, OPUS])
def test_what_we_say_is_silence(codec: Codec) -> None:
    known = meant(codec)
    assert isinstance(known, Form)
    assert known.ticks(known.silence) == 160
    decoder = known.decoder()
    (said,) = decoder.decode([known.silence])
    decoder.close()
    assert said is not None and len(said) == 160 * known.samples_a_tick
    assert np.abs(said).max() <= 64


def test_keys_alone_are_no_sound_and_other_clocks_are_not_guessed_at() -> None:
    keys = Codec(101, "TELEPHONE-EVENT", 8_000)
    assert understood([keys]) == {} and list(understood([keys, PCMA])) == [keys, PCMA]
    assert form(Codec(96, "PCMU", 16_000)) is None and form(Codec(96, "OPUS", 16_000, 2)) is None
    assert form(Codec(96, "PCMU", 8_000, 2)) is None and understood([WIDE_EVENT, OPUS]).keys() == {WIDE_EVENT, OPUS}


def test_an_address_is_compared_as_sockets_write_it_and_names_are_not_looked_up() -> None:
    assert address("192.0.2.1", 4_000, ipv6=False) == ("192.0.2.1", 4_000)
    assert address("192.0.2.1", 4_000, ipv6=True) == ("::ffff:192.0.2.1", 4_000)
    assert address("2001:DB8:0::1", 4_000, ipv6=True) == ("2001:db8::1", 4_000)
    for host, port in (
        ("0.0.0.0", 4_000),
        ("example.com", 4_000),
        ("239.1.1.1", 4_000),
        ("192.0.2.1", 0),
        ("2001:db8::1", 4_000),
    ):
        assert address(host, port, ipv6=False) is None
