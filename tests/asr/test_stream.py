"""Promises of live recognition: utterances end at pauses, final texts never change and never fail to come, turns are fair."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest
import soundfile

from asr.detector import WINDOW, Detector
from asr.incoming import Incoming, Rate
from asr.listener import Listener
from asr.live import Closed, Failed, Given, Live, Speaker
from asr.stream import LONGEST, RATE_HZ, Event, Final, Kind, Partial, Stream, Wanted
from asr.vocabulary import Term, Vocabulary
from core.errors import Busy, ModelError
from models.engine import Decoded, Encoded, Engine, Search
from models.whisper import Whisper

QUIET_S = WINDOW / RATE_HZ


class Loud:
    """A detector for made-up sound: the sample is the probability."""

    def probabilities(self, samples: np.ndarray) -> np.ndarray:
        return samples.reshape(-1, WINDOW)[:, 0]


def sound(*parts: tuple[float, float]) -> np.ndarray:
    """(seconds, probability of speech) …"""
    return np.concatenate([np.full(round(s * RATE_HZ) // WINDOW * WINDOW, p, np.float32) for s, p in parts])


def run(stream: Stream, samples: np.ndarray, answer: Callable[[Wanted], str] | None = None) -> list[Wanted | Event]:
    """Feed in pieces of an odd size; what is wanted is answered at once, if there is an answer."""
    made: list[Wanted | Event] = []
    for at in range(0, len(samples), 1000):
        for each in stream.feed(samples[at : at + 1000]):
            made.append(each)
            if answer and isinstance(each, Wanted):
                made += stream.heard(each, answer(each))
    return made


def kinds(made: Iterable[Wanted | Event]) -> list[Kind]:
    return [each.kind for each in made if isinstance(each, Wanted)]


def test_an_utterance_is_guessed_early_and_final_after_half_a_second_of_silence() -> None:
    stream = Stream(Loud())
    made = run(stream, sound((1, 0), (2.5, 0.9), (0.45, 0)), lambda w: f"{w.end_s:.1f}")
    assert kinds(made) == [Kind.PARTIAL, Kind.PARTIAL, Kind.GUESS]
    assert not [e for e in made if isinstance(e, Final)]
    (final,) = run(stream, sound((0.2, 0)))
    assert isinstance(final, Final)
    assert (final.text, final.segment) == ("3.5", 0)
    assert final.start_s == pytest.approx(1.0, abs=QUIET_S) and final.end_s == pytest.approx(3.5, abs=QUIET_S)
    assert run(stream, sound((5, 0))) == []


def test_who_goes_on_after_a_breath_has_one_utterance() -> None:
    made = run(Stream(Loud()), sound((1.5, 0.9), (0.4, 0), (1.5, 0.9), (1, 0)), lambda w: w.kind.value)
    assert kinds(made).count(Kind.GUESS) == 2
    finals = [e for e in made if isinstance(e, Final)]
    assert [f.text for f in finals] == ["guess"]
    assert finals[0].end_s == pytest.approx(3.4, abs=0.1)
    assert [e.text for e in made if isinstance(e, Partial)].count("guess") == 2, "the first guess was a partial text"


def test_what_is_wanted_tells_where_in_it_somebody_speaks_so_that_it_can_be_heard_in_halves() -> None:
    stream = Stream(Loud())
    made = run(stream, sound((1, 0), (1, 0.9), (0.3, 0), (0.5, 0.9), (0.1, 0), (0.5, 0.9), (0.45, 0)), lambda _: "はい")
    guess = [w for w in made if isinstance(w, Wanted) and w.kind is Kind.GUESS][-1]
    assert [(v.start_s, v.end_s) for v in guess.voices] == [
        (pytest.approx(1.0, abs=0.1), pytest.approx(2.0, abs=0.1)),
        (pytest.approx(2.3, abs=0.1), pytest.approx(3.4, abs=0.1)),
    ]


def test_a_long_utterance_ends_with_a_short_pause() -> None:
    made = run(Stream(Loud()), sound((1, 0), (7, 0.9), (0.3, 0), (0.5, 0.9)), lambda w: f"{w.end_s:.1f}")
    assert [e.text for e in made if isinstance(e, Final)] == ["8.0"]


def test_a_text_too_unsure_to_show_is_asked_for_again_after_half_a_second() -> None:
    wanted = run(Stream(Loud()), sound((1, 0), (2.8, 0.9)), lambda w: "" if w.end_s < 2.3 else "text")
    ends_s = [w.end_s for w in wanted if isinstance(w, Wanted)]
    assert ends_s == pytest.approx([2.0, 2.5, 3.5], abs=0.1)


def test_what_is_left_of_an_utterance_that_was_cut_has_its_partial_text_at_once() -> None:
    made = run(Stream(Loud()), sound((1, 0), (5, 0.9), (0.1, 0.3), (4.9, 0.9)), lambda w: "text")
    cut = kinds(made).index(Kind.FINAL)
    following = [e for e in made if isinstance(e, Wanted)][cut + 1]
    assert following.kind is Kind.PARTIAL
    assert following.end_s == pytest.approx(0.6 + LONGEST / RATE_HZ, abs=0.1)


def test_a_guess_takes_the_place_of_the_next_partial_text() -> None:
    made = run(Stream(Loud()), sound((1.5, 0.9), (0.3, 0), (0.7, 0.9)))
    assert kinds(made) == [Kind.PARTIAL, Kind.GUESS]


def test_a_guess_that_comes_late_is_final_when_it_comes() -> None:
    stream = Stream(Loud())
    made = run(stream, sound((1.5, 0.9), (2, 0)))
    assert not [e for e in made if not isinstance(e, Wanted)]
    guess = next(w for w in made if isinstance(w, Wanted) and w.kind is Kind.GUESS)
    assert stream.is_wanted(guess)
    assert [type(e) for e in stream.heard(guess, "はい")] == [Final]
    assert not stream.is_wanted(guess)


def test_a_guess_that_the_speaker_talks_over_is_not_wanted_any_more() -> None:
    stream = Stream(Loud())
    made = run(stream, sound((1.5, 0.9), (0.3, 0), (0.3, 0.9)))
    guess = next(w for w in made if isinstance(w, Wanted) and w.kind is Kind.GUESS)
    assert not stream.is_wanted(guess)
    assert [type(e) for e in stream.heard(guess, "はい")] == [Partial]


def test_speech_without_a_pause_is_cut_at_its_shortest_breath_and_nothing_is_lost() -> None:
    stream = Stream(Loud())
    voice = sound((6, 0.9), (0.13, 0.1), (8, 0.9), (0.5, 0), (0.5, 0))
    voice += np.linspace(0, 1e-3, len(voice), dtype=np.float32)  # so that every sample is known again
    made = run(stream, voice)
    certain = [w for w in made if isinstance(w, Wanted) and w.kind is not Kind.PARTIAL]
    assert [w.kind for w in certain] == [Kind.FINAL, Kind.GUESS]
    assert certain[0].end_s == pytest.approx(6.06, abs=0.1)
    both = np.concatenate([w.samples for w in certain])
    assert np.array_equal(both, voice[: len(both)])
    finals = [e for w in certain for e in stream.heard(w, "a")]
    assert [(type(e), e.segment) for e in finals if isinstance(e, Final)] == [(Final, 0), (Final, 1)]


def test_an_hour_of_shouting_stays_in_pieces_that_can_be_recognised() -> None:
    stream = Stream(Loud())
    made = run(stream, sound((60, 0.9)), lambda w: "あ")
    finals = [w for w in made if isinstance(w, Wanted) and w.kind is Kind.FINAL]
    assert len(finals) >= 5
    assert max(len(w.samples) for w in made if isinstance(w, Wanted)) <= LONGEST + WINDOW
    assert sum(len(w.samples) for w in finals) >= 60 * RATE_HZ - LONGEST - WINDOW
    assert len(stream._sound) <= LONGEST + WINDOW


def test_clicks_are_nothing_and_a_text_that_turned_out_to_be_nothing_is_taken_back() -> None:
    stream = Stream(Loud())
    assert run(stream, sound((1, 0), (0.07, 0.9), (2, 0))) == []
    made = run(stream, sound((1.5, 0.9), (1, 0)), lambda w: "えっ" if w.kind is Kind.PARTIAL else "")
    assert [(type(e).__name__, e.text) for e in made if not isinstance(e, Wanted)] == [("Partial", "えっ"), ("Final", "")]
    made = run(stream, sound((0.5, 0.9), (1, 0)), lambda w: "")
    assert not [e for e in made if not isinstance(e, Wanted)], "nothing was shown, so nothing is taken back"


def test_what_was_shown_of_a_murmur_that_came_to_nothing_is_taken_back() -> None:
    made = run(Stream(Loud()), sound((1, 0), (0.04, 0.9), (1.5, 0.4), (1, 0)), lambda w: "えっ")
    assert [(type(e).__name__, e.text) for e in made if not isinstance(e, Wanted)] == [("Partial", "えっ"), ("Final", "")]


def test_what_is_being_said_at_the_end_gets_its_text() -> None:
    stream = Stream(Loud())
    run(stream, sound((0.7, 0.9)))
    (wanted,) = stream.finish()
    assert isinstance(wanted, Wanted) and wanted.kind is Kind.FINAL
    assert [type(e) for e in stream.heard(wanted, "はい")] == [Final]
    assert stream.finish() == []


def test_the_detector_says_the_same_however_the_sound_is_cut(speech: Callable[..., Path]) -> None:
    samples = soundfile.read(speech("ただいまから、定例会議を始めます。"), dtype="float32")[0]
    samples = samples[: len(samples) // WINDOW * WINDOW]
    whole = Detector().probabilities(samples)
    in_parts = Detector()
    parts = [in_parts.probabilities(samples[at : at + 3 * WINDOW]) for at in range(0, len(samples), 3 * WINDOW)]
    assert np.allclose(whole, np.concatenate(parts), atol=1e-4)
    assert whole.max() > 0.9


def test_telephone_sound_becomes_sixteen_kilohertz_without_an_image() -> None:
    time_s = np.arange(8_000) / 8_000
    tone = (np.sin(2 * np.pi * 3000 * time_s) * 20_000).astype("<i2").tobytes()
    incoming = Incoming(Rate.TELEPHONE)
    made = np.concatenate([incoming.samples(tone[at : at + 333]) for at in range(0, len(tone), 333)])
    assert len(made) == 16_000
    spectrum = np.abs(np.fft.rfft(made[200:] * np.hanning(len(made) - 200)))
    peak = np.argmax(spectrum) * 16_000 / (len(made) - 200)
    assert peak == pytest.approx(3000, abs=2)
    image = spectrum[round(4900 / 16_000 * (len(made) - 200)) :].max()
    assert image < spectrum.max() / 300
    assert np.abs(made[200:-200]).max() == pytest.approx(20_000 / 32_768, rel=0.02)


class Ears:
    """Collects what a speaker gets."""

    def __init__(self) -> None:
        self.events: list[Given] = []
        self.over = threading.Event()

    def __call__(self, given: Given) -> None:
        self.events.append(given)
        if isinstance(given, Closed | Failed):
            self.over.set()

    @property
    def finals(self) -> list[Final]:
        return [e for e in self.events if isinstance(e, Final)]


def feed(speaker: Speaker, samples: np.ndarray) -> None:
    for at in range(0, len(samples), 1600):
        speaker.feed(samples[at : at + 1600])


def test_real_speech_is_written_with_the_city_s_words_and_at_its_time(whisper: Whisper, speech: Callable[..., Path]) -> None:
    samples = soundfile.read(speech("ただいまから、定例会議を始めます。"), dtype="float32")[0]
    silence = np.zeros(RATE_HZ, np.float32)
    words = Vocabulary(terms=(Term(term="定例会議", reading="ていれいかいぎ", kind="会議"),))
    live = Live(Listener(whisper=whisper, vocabulary=lambda: words).hear, most=1)
    given = Ears()
    speaker = live.join(given)
    with pytest.raises(Busy):
        live.join(given)
    feed(speaker, np.concatenate([silence, samples, silence, samples]))
    speaker.finish()
    assert given.over.wait(60)
    live.stop()
    assert isinstance(given.events[-1], Closed)
    assert [f.segment for f in given.finals] == [0, 1]
    assert all("定例会議を始めます" in f.text for f in given.finals)
    assert given.finals[0].start_s == pytest.approx(1.0, abs=0.4)
    assert given.finals[1].start_s == pytest.approx(2.0 + len(samples) / RATE_HZ, abs=0.4)


def test_what_comes_behind_a_loop_is_not_lost_in_live_speech(whisper: Whisper, speech: Callable[..., Path]) -> None:
    """A decoder that says a word again and again hears the second half of the utterance alone."""
    loop = Decoded(ids=whisper.tokens.encode("転入届です。" + "引っ越した" * 12), logprob=-0.2, no_speech=0.1)

    class Looping:
        def __getattr__(self, name: str) -> object:
            return getattr(whisper.engine, name)

        def generate(self, encoded: Encoded, prompt: Sequence[int], search: Search) -> list[Decoded]:
            made = whisper.engine.generate(encoded, prompt, search)
            return [loop if len(d.ids) > 14 else d for d in made]

    looping = replace(whisper, engine=cast(Engine, Looping()), many=None, lanes=1)
    first, second = (soundfile.read(speech(s), dtype="float32")[0] for s in ("転入届が必要です。", "十四日以内にお願いします。"))
    silence = np.zeros(round(0.3 * RATE_HZ), np.float32)
    live = Live(Listener(whisper=looping).hear, most=1)
    given = Ears()
    speaker = live.join(given)
    feed(speaker, np.concatenate([silence, first, silence, second, np.zeros(RATE_HZ, np.float32)]))
    speaker.finish()
    assert given.over.wait(60)
    live.stop()
    text = "".join(f.text for f in given.finals)
    assert "内に" in text and "引っ越した" not in text


def test_behind_the_machine_leaves_partial_texts_out_and_never_a_final_one_and_serves_all_in_turn(
    speech: Callable[..., Path],
) -> None:
    samples = soundfile.read(speech("ただいまから、定例会議を始めます。"), dtype="float32")[0]
    said = np.concatenate([samples, np.zeros(RATE_HZ, np.float32)] * 3)
    order: list[Kind] = []
    begin = threading.Event()

    def slowly(wanted: Wanted) -> str:
        begin.wait(10)
        order.append(wanted.kind)
        time.sleep(0.01)
        return f"{wanted.utterance}"

    live = Live(slowly, most=4)
    everybody = [Ears() for _ in range(4)]
    speakers = [live.join(given) for given in everybody]
    for speaker in speakers:
        feed(speaker, said)
        assert speaker.behind_s > 4
        assert speaker.owed_since_s == pytest.approx(len(samples) / RATE_HZ, abs=0.5), "the end of the first utterance"
        speaker.finish()
    begin.set()
    assert all(given.over.wait(10) for given in everybody)
    live.stop()
    assert [speaker.owed_since_s for speaker in speakers] == [None] * 4
    finals = [[f.segment for f in given.finals] for given in everybody]
    assert all(len(f) >= 3 for f in finals)
    assert all(f == list(range(len(f))) for f in finals)
    assert order.count(Kind.PARTIAL) <= 1, "only what was begun before the final texts were wanted"


def test_several_threads_hear_several_speakers_and_none_of_them_twice_at_a_time(speech: Callable[..., Path]) -> None:
    samples = soundfile.read(speech("ただいまから、定例会議を始めます。"), dtype="float32")[0]
    said = np.concatenate([samples, np.zeros(RATE_HZ, np.float32)] * 4)
    now: list[int] = []
    most = [0]
    lock = threading.Lock()

    begin = threading.Event()

    def slowly(wanted: Wanted) -> str:
        begin.wait(20)
        whose = round(float(np.median(wanted.samples)) * 100)
        with lock:
            assert whose not in now
            now.append(whose)
            most.append(len(now))
        time.sleep(0.02)
        with lock:
            now.remove(whose)
        return f"{wanted.utterance}"

    live = Live(slowly, most=3, threads=2)
    everybody = [Ears() for _ in range(3)]
    for number, given in enumerate(everybody):
        speaker = live.join(given)
        feed(speaker, said + np.float32(number / 100))  # by which it is known again
        speaker.finish()
    begin.set()
    assert all(given.over.wait(20) for given in everybody)
    live.stop()
    assert max(most) == 2
    for given in everybody:
        assert isinstance(given.events[-1], Closed)
        assert [f.segment for f in given.finals] == list(range(len(given.finals)))
        assert [f.text for f in given.finals] == sorted(f.text for f in given.finals)


def test_a_model_that_fails_ends_the_stream_and_not_the_others(speech: Callable[..., Path]) -> None:
    samples = soundfile.read(speech("ただいまから、定例会議を始めます。"), dtype="float32")[0]
    faults: list[Exception] = [ModelError(), ZeroDivisionError()]

    def fails_twice(wanted: Wanted) -> str:
        if faults:
            raise faults.pop()
        return "はい"

    live = Live(fails_twice, most=3)
    codes = []
    for _ in range(3):
        given = Ears()
        speaker = live.join(given)
        feed(speaker, samples)
        speaker.finish()
        assert given.over.wait(10)
        speaker.leave()
        last = given.events[-1]
        codes.append(last.error.code if isinstance(last, Failed) else "closed")
    live.stop()
    assert codes == ["internal_error", "model_error", "closed"]
