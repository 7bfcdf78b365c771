"""Promises to satellites: over the protocol they get what the page hears and what Alexa says, and no peer holds others up."""

from __future__ import annotations

import asyncio
import io
import json
import re

import numpy as np
import pytest
import soundfile
from alexa_kit import REQUEST, encode
from satellite_kit import connected, exchange, listening, question, recorded, said, transcribed
from wyoming.asr import Transcript
from wyoming.event import Event
from wyoming.info import Describe, Info
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop

from core.audience import Audience
from server.questions import heard
from server.service import Service
from tests.conftest import Speech, resample
from voice_skill.ssml import for_tts

ASKED = "印鑑登録をしたい"
TOLD = "印鑑登録は、登録する印鑑と"
ELSE = "ほかにお知りになりたいことはありますか。"


def test_what_is_offered_is_japanese_to_hear_to_reply_and_to_speak(service: Service) -> None:
    info = Info.from_event(asyncio.run(transcribed(service, [Describe()])))
    offered = [model.languages for programs in (info.asr, info.handle) for p in programs for model in p.models]
    assert [*offered, *(v.languages for p in info.tts for v in p.voices)] == [["ja"]] * 3
    assert not (info.intent or info.wake or info.satellite)


def test_a_spoken_question_is_heard_as_by_the_page_and_answered(service: Service, speech: Speech) -> None:
    sound = speech("住民票の写しを取りたいのですが。")
    page, _ = heard(service, io.BytesIO(sound.read_bytes()), Audience.RESIDENT)

    async def ask() -> tuple[str, str]:
        async with listening(service):
            async with connected(service) as client:  # as Home Assistant does: a connection for each step
                transcript = Transcript.from_event(await exchange(client, *question(sound)))
            async with connected(service) as client:
                reply = await said(client, transcript.text, "kitchen")
            return transcript.text, reply.text or ""

    words, reply = asyncio.run(ask())
    assert words == page
    assert "住民票の写しは、" in reply


@pytest.mark.parametrize(("rate", "width", "channels"), [(16_000, 1, 1), (44_100, 3, 2), (48_000, 4, 6), (8_000, 2, 1)], ids=str)
def test_sound_is_taken_in_the_format_that_the_satellite_names(
    service: Service, speech: Speech, rate: int, width: int, channels: int
) -> None:
    samples, own = soundfile.read(speech("住民票の写しを取りたいのですが。"), dtype="float32")
    mono = np.clip(resample(samples, own, rate), -1, 1).astype(np.float64)
    whole = np.repeat(mono, channels) * (2 ** (8 * width - 1) - 1)
    if width == 1:
        pcm = (whole + 128).astype(np.uint8).tobytes()
    else:
        pcm = whole.astype("<i4").view(np.uint8).reshape(-1, 4)[:, :width].tobytes()
    back = asyncio.run(transcribed(service, recorded(pcm, rate=rate, width=width, channels=channels)))
    assert "住民票" in Transcript.from_event(back).text


def test_silence_and_nothing_at_all_are_no_words(service: Service) -> None:
    for pcm in (b"", b"\0" * 32_000):
        back = asyncio.run(transcribed(service, recorded(pcm, rate=16_000)))
        assert Transcript.from_event(back).text == ""


def test_the_reply_is_what_alexa_says_in_plain_text(service: Service) -> None:
    questions = (ASKED, "住民票", "末吉町本町の燃えるごみの日", "市民課の電話番号は", "宇宙人の飼い方", "火事です", "こんにちは")

    async def ask() -> list[str]:
        async with listening(service), connected(service) as client:
            return [(await said(client, text, f"{n}")).text or "" for n, text in enumerate(questions)]

    readings = service.readings()
    for text, reply in zip(questions, asyncio.run(ask()), strict=True):
        words = re.sub("<break[^>]*>", "\n", said_by_alexa(service, text))
        alexa = re.sub("<[^>]*>", "", words).removesuffix(ELSE).replace("か、アレクサアプリのカード", "")
        assert reply == for_tts(alexa, readings), text
        assert not re.search(r"[<>\n]|アレクサ", reply)


def said_by_alexa(service: Service, text: str) -> str:
    intent = {"name": "AskIntent", "slots": {"query": {"name": "query", "value": text}}}
    request = REQUEST["request"] | {"type": "IntentRequest", "intent": intent}
    sent = REQUEST | {"request": request, "session": REQUEST["session"] | {"sessionId": text}}
    ssml: str = json.loads(service.alexa.handle({}, encode(sent)))["response"]["outputSpeech"]["ssml"]
    return ssml


def test_a_conversation_goes_on_over_several_connections_and_each_is_its_own(service: Service) -> None:
    async def talk() -> list[str]:
        told = []
        async with listening(service):
            for room, text in (
                ("kitchen", "住民票"),
                ("hall", ASKED),
                ("kitchen", "2番"),
                ("hall", "もう一度"),
                ("hall", "くわしく"),
                ("hall", "違う"),
                ("porch", "もう一度"),
            ):
                async with connected(service) as client:
                    told.append((await said(client, text, room)).text or "")
        return told

    choices, first, second, again, more, other, stranger = asyncio.run(talk())
    assert "二つ目は、進学" in choices
    assert second.startswith("進学")
    assert first.startswith(TOLD)
    assert again == first
    assert more != first
    assert "15歳以上" in more
    assert "別の言い方" in other
    assert TOLD not in stranger


def test_a_connection_that_names_no_conversation_is_one(service: Service) -> None:
    async def talk() -> list[str]:
        async with listening(service):
            async with connected(service) as client:
                first = [(await said(client, text)).text or "" for text in (ASKED, "もう一度")]
            async with connected(service) as client:
                return [*first, (await said(client, "もう一度")).text or ""]

    told, again, elsewhere = asyncio.run(talk())
    assert told == again
    assert TOLD not in elsewhere


def test_where_there_is_no_answer_the_counter_is_named_and_it_is_not_handled(service: Service) -> None:
    async def ask(text: str) -> Event:
        async with listening(service), connected(service) as client:
            return await exchange(client, Transcript(text=text))

    back = asyncio.run(ask("宇宙人の飼い方を教えて"))
    assert back.type == "not-handled"
    assert "電話番号は、ゼロ キュウ ハチ ロク、" in back.data["text"]
    unheard = asyncio.run(ask(""))
    assert unheard.type == "not-handled"
    assert "うまく聞き取れませんでした。" in unheard.data["text"]


@pytest.mark.parametrize("pieces", [(), ("曽於市の", "窓口です。ご質問を", "どうぞ。")], ids=["whole", "in-pieces"])
def test_a_reply_is_spoken_as_on_the_page(service: Service, pieces: tuple[str, ...]) -> None:
    text = "曽於市の窓口です。ご質問をどうぞ。"
    dictated = [SynthesizeStart(), *map(SynthesizeChunk, pieces), Synthesize(text=text), SynthesizeStop()]

    async def speak() -> tuple[Event, bytes]:
        async with listening(service), connected(service) as client:
            start, sound = await exchange(client, *(dictated if pieces else [Synthesize(text=text)])), b""
            while (event := await client.read_event()) and event.type == "audio-chunk":
                sound += event.payload or b""
            assert event is not None
            assert event.type == "audio-stop"
            if pieces:
                assert (await exchange(client)).type == "synthesize-stopped"
            assert (await exchange(client, Describe())).type == "info", "it is said once only"
            return start, sound

    start, sound = asyncio.run(speak())
    samples, rate = soundfile.read(io.BytesIO(service.reader.read(text)), dtype="int16")
    assert (start.data["rate"], start.data["width"], start.data["channels"]) == (rate, 2, 1)
    assert sound == samples.tobytes()
