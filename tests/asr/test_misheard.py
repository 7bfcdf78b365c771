"""Words that were taken for others which sound alike are put right where sound and sense speak for it, and it can be undone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from asr.audio import Channels, decode
from asr.decoder import Hearing, hear
from asr.edits import Edits
from asr.line import Line
from asr.misheard import put_right
from asr.transcript import Change, Reason
from models.engine import Aligned
from models.priors import QUESTION
from models.whisper import Whisper

Speech = Callable[..., Path]
HeardAs = Callable[[str, str], tuple[Hearing, Edits]]

UNTIMED = Line("", (), Aligned(starts_s=[], probabilities=[]))  #: nothing that was heard

WASHING = "灰が降って、洗濯物を干せません。"


@pytest.fixture
def heard_as(whisper: Whisper, speech: Speech, tmp_path: Path) -> HeardAs:
    """A sentence as it is spoken, and a text that was heard of it."""

    def of(said: str, text: str) -> tuple[Hearing, Edits]:
        (pcm,) = decode(speech(said), tmp_path, channels=Channels.MIXED)
        (hearing,) = hear((0,), [pcm.read(0, pcm.duration_s)], whisper, widely=True)
        return hearing, Edits(text)

    return of


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        (WASHING, "灰が降って、選択物を干せません。"),
        ("三月で退職したら、何を届けますか。", "三月で大食したら、何を届けますか。"),
        ("保護犬を引き取りたいのですが。", "保護圏を引き取りたいのですが。"),
        ("重い障害があります。手当はありますか。", "思い障害があります。手当はありますか。"),
    ],
)
def test_a_word_that_sounds_so_and_makes_sense_takes_the_place_of_one_that_makes_none(
    heard_as: HeardAs, said: str, heard: str
) -> None:
    hearing, edits = heard_as(said, heard)
    (found,) = put_right(hearing, [(UNTIMED, edits)], QUESTION)
    assert found.text == said
    assert {reason for change in found.changes for reason in change.reasons} == {Reason.SOUND}
    assert found.undo(0).text == heard


@pytest.mark.parametrize("said", [WASHING, "燃えるごみは何曜日ですか。", "住民票の写しはどこで取れますか。"])
def test_what_was_heard_right_stays_as_it_is(heard_as: HeardAs, said: str) -> None:
    hearing, edits = heard_as(said, said)
    assert list(put_right(hearing, [(UNTIMED, edits)], QUESTION)) == [edits]


def test_what_makes_sense_but_was_not_said_is_not_written(heard_as: HeardAs) -> None:
    """Nobody washes what is chosen, yet 選択 was said."""
    hearing, edits = heard_as("選択肢を選んでください。", "選択肢を選んでください。")
    assert list(put_right(hearing, [(UNTIMED, edits)], QUESTION)) == [edits]


def test_what_a_person_wrote_is_not_touched(heard_as: HeardAs) -> None:
    hearing, _ = heard_as(WASHING, "")
    by_hand = Change(start=6, end=8, written="選択", reasons=(Reason.CORRECTED,))
    edits = Edits("灰が降って、線濯物を干せません。", (by_hand,))
    assert list(put_right(hearing, [(UNTIMED, edits)], QUESTION)) == [edits]


def test_all_stays_without_a_language_model_or_the_words(heard_as: HeardAs, whisper: Whisper) -> None:
    hearing, edits = heard_as(WASHING, "灰が降って、選択物を干せません。")
    for without in (replace(whisper, language_model=None), replace(whisper, homophones=None)):
        assert list(put_right(replace(hearing, whisper=without), [(UNTIMED, edits)], QUESTION)) == [edits]


def test_where_nothing_was_heard_nothing_is_written(heard_as: HeardAs) -> None:
    hearing, edits = heard_as(WASHING, "")
    assert list(put_right(hearing, [(UNTIMED, edits)], QUESTION)) == [edits]
