"""Files that lie: headers that promise what isn't there, playlists in disguise, boxes without end. All made on the spot."""

from __future__ import annotations

import gzip
import io
import random
import struct
import zipfile
from collections.abc import Iterator

NOISE = random.Random(3).randbytes(16_000)

Named = tuple[str, bytes]


def chunk(name: bytes, body: bytes, size: int | None = None) -> bytes:
    return name + struct.pack("<I", len(body) if size is None else size) + body


def wav(
    *,
    form: int = 1,
    channels: int = 1,
    rate_hz: int = 16_000,
    align: int = 2,
    bits: int = 16,
    data_bytes: int | None = None,
    before: bytes = b"",
) -> bytes:
    """A WAV file of half a second whose header says what it is told to."""
    fmt = struct.pack("<HHIIHH", form, channels, rate_hz, (rate_hz * align) & 0xFFFFFFFF, align, bits)
    body = b"WAVE" + chunk(b"fmt ", fmt) + before + chunk(b"data", NOISE, data_bytes)
    return chunk(b"RIFF", body)


def lying_wavs() -> Iterator[Named]:
    for size in (0xFFFFFFFE, 0xFFFFFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFF00, 1, 15_999, 16_001, 1_000_000, 0):
        yield f"data of {size}.wav", wav(data_bytes=size)
    for channels in (0, 3, 65, 255, 65_535):
        yield f"{channels} channels.wav", wav(channels=channels, align=min(65_535, channels * 2))
        yield f"{channels} channels in 2 bytes.wav", wav(channels=channels)
    for rate_hz in (0, 1, 7, 999, 768_001, 2**31 - 1, 2**31, 2**32 - 1):
        yield f"{rate_hz} Hz.wav", wav(rate_hz=rate_hz)
    for bits, align in ((0, 2), (1, 1), (7, 1), (24, 2), (64, 8), (65_535, 2), (16, 0), (16, 65_535)):
        yield f"{bits} bits in {align} bytes.wav", wav(bits=bits, align=align)
    for form in (0, 2, 0x11, 0x31, 0x50, 0x55, 0x161, 0x270, 0xFF, 0xFFFE, 0xFFFF):
        yield f"form {form:x}.wav", wav(form=form)
    yield "many chunks.wav", wav(before=chunk(b"junk", b"") * 50_000)
    yield "nested lists.wav", wav(before=b"".join(chunk(b"LIST", b"INFO", 2**31 - 4 * i) for i in range(2_000)))
    yield "huge list.wav", wav(before=chunk(b"LIST", b"INFO", 2**32 - 2))
    yield "rf64.wav", b"RF64\xff\xff\xff\xffWAVE" + chunk(b"ds64", struct.pack("<QQQI", 2**63, 2**63, 2**63, 2**31)) + wav()[12:]
    for align in (0, 1):
        yield f"{align} bytes a sample and an end.wav", wav(align=align, rate_hz=1_000 * align) + b"end"
    yield "slow and an end.wav", wav(align=1, rate_hz=1) + b"end"
    yield "no data.wav", wav()[:36]
    yield "no fmt.wav", chunk(b"RIFF", b"WAVE" + chunk(b"data", NOISE))
    yield "head only.wav", b"RIFF"


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + name + body


def lying_films() -> Iterator[Named]:
    head = box(b"ftyp", b"isom\0\0\2\0isomiso2mp41")
    nested = b""
    for _ in range(3_000):
        nested = box(b"moov", nested)
    yield "nested.mp4", head + nested
    yield "endless.mp4", head + struct.pack(">I", 0) + b"moov" + NOISE
    yield "size beyond.mp4", head + struct.pack(">I4sQ", 1, b"moov", 2**63) + NOISE
    yield "size below.mp4", head + struct.pack(">I", 4) + b"moov" + NOISE
    for table in (b"stsz", b"stts", b"stsc", b"stco", b"ctts", b"elst", b"dref", b"sidx", b"trun"):
        count = box(table, struct.pack(">IIII", 0, 2**32 - 1, 2**32 - 1, 2**32 - 1) + NOISE[:200])
        tree = box(b"moov", box(b"trak", box(b"mdia", box(b"minf", box(b"stbl", count)))))
        yield f"{table.decode()} without end.mp4", head + tree + box(b"mdat", NOISE)


def lying_others() -> Iterator[Named]:
    info = struct.pack(">HH", 16, 65_535) + b"\xff" * 6
    for rate_hz, channels, frames in ((0, 1, 0), (1, 8, 2**36 - 1), (655_350, 8, 2**36 - 1), (16_000, 2, 2**36 - 1)):
        packed = (rate_hz << 44) | ((channels - 1) << 41) | (15 << 36) | frames
        yield f"{rate_hz} Hz.flac", b"fLaC\x80\0\0\x22" + info + packed.to_bytes(8, "big") + bytes(16) + NOISE
    yield "metadata.flac", b"fLaC" + b"\x04\xff\xff\xff" + NOISE
    yield "picture.flac", b"fLaC" + b"\x06\0\0\x20" + b"\xff" * 32 + NOISE
    yield "tag.mp3", b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + NOISE
    yield "tags.mp3", b"ID3\x04\0\0\0\0\0\0" * 100_000
    yield "frames.mp3", b"\xff\xfb\x90\0" * 50_000
    yield "frames.aac", b"\xff\xf1\x50\x80\x01\x3f\xfc" * 30_000
    yield "pages.ogg", (b"OggS\0\2" + bytes(20) + b"\xff" + b"\xff" * 255) * 200
    yield "small pages.ogg", (b"OggS\0\0" + bytes(20) + b"\0") * 100_000
    yield "size.webm", b"\x1aE\xdf\xa3\x01\xff\xff\xff\xff\xff\xff\xfe" + NOISE
    yield "segments.webm", b"\x1aE\xdf\xa3\x84\x42\x86\x81\x01" + b"\x18S\x80g\x01\xff\xff\xff\xff\xff\xff\xff" * 2_000
    yield "samples.aiff", b"FORM\xff\xff\xff\xffAIFFCOMM\0\0\0\x12\0\x01\xff\xff\xff\xff\0\x10\x7f\xff" + b"\xff" * 8 + NOISE
    yield "size.au", b".snd" + struct.pack(">IIIII", 24, 2**32 - 1, 3, 2**31, 65_535) + NOISE
    yield "size.caf", b"caff\0\x01\0\0desc" + struct.pack(">Q", 2**63) + NOISE
    yield "objects.wma", bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + b"\xff" * 14 + NOISE
    yield "list.avi", chunk(b"RIFF", b"AVI " + chunk(b"LIST", b"hdrl" + NOISE, 2**31), 2**32 - 1)
    yield "noise.mp3", NOISE
    yield "zeros.wav", bytes(100_000)
    yield "ones.mp4", b"\xff" * 100_000
    yield "transport.ts", (b"\x47\x40\x00\x10" + bytes(184)) * 2_000


def playlists(address: str) -> Iterator[Named]:
    """Texts that name the password file or `address`, under the names of recordings."""
    targets = ("file:///etc/passwd", f"http://{address}/x.wav", "/etc/passwd", "data:audio/wav;base64,UklGRg==")
    for number, target in enumerate(targets):
        hls = f"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{target}\n#EXT-X-ENDLIST\n"
        for suffix in (".wav", ".mp4", ".m3u8", ""):
            yield f"hls {number}{suffix}", hls.encode()
        yield f"concat {number}.mp3", f"ffconcat version 1.0\nfile '{target}'\nduration 5\n".encode()
        yield f"asx {number}.wma", f'<asx version="3.0"><entry><ref href="{target}"/></entry></asx>'.encode()
        yield f"smil {number}.mp4", f'<?xml version="1.0"?><MPD><BaseURL>{target}</BaseURL></MPD>'.encode()
    yield "concat.wav", b"concat:/etc/passwd|/etc/hostname"
    yield "session.wav", b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\nc=IN IP4 127.0.0.1\r\nm=audio 5004 RTP/AVP 0\r\n"


def bombs() -> Iterator[Named]:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.wav", bytes(50_000_000))
    yield "bomb.mp3", packed.getvalue()
    yield "bomb.wav", gzip.compress(bytes(20_000_000))


def truncated(whole: bytes, rng: random.Random, count: int) -> Iterator[bytes]:
    """Cuts anywhere, some of them within the header."""
    for i in range(count):
        yield whole[: rng.randrange(1, 200 if i % 4 == 0 else len(whole))]


def flipped(whole: bytes, rng: random.Random, count: int) -> Iterator[bytes]:
    """Some bits turned over, half of the times within the header."""
    for i in range(count):
        damaged = bytearray(whole)
        for _ in range(rng.choice((1, 3, 30))):
            damaged[rng.randrange(300 if i % 2 else len(damaged))] ^= 1 << rng.randrange(8)
        yield bytes(damaged)
