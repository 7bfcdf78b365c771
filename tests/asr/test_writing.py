from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.decision import decided
from asr.edits import Edits
from asr.fillers import Level
from asr.notation import Notation
from asr.transcript import Reason, Segment, Word
from asr.writing import Style, write, write_all

HEARD = "えー二十五人が参加してますけど、店入届けも出ました"
STYLES = [Style(level=level, notation=n, punctuation=p) for level in Level for n in Notation for p in (True, False)]


def recognised() -> Segment:
    """What recognition keeps: what was heard, with a word of the city put right."""
    words = tuple(Word(start_s=i, end_s=i + 0.9, text=t) for i, t in enumerate(["えー", HEARD[2:16], HEARD[16:]]))
    segment = Segment(start_s=0, end_s=3, text=HEARD, heard=HEARD, words=words)
    at = HEARD.index("店入届け")
    return Edits.of(segment).replace(at, at + 4, "転入届", Reason.VOCABULARY).applied_to(segment)


def test_each_level_goes_further() -> None:
    texts = [write(recognised(), Style(level=level)).text for level in Level]
    assert texts == [
        "えー25人が参加してますけど、転入届も出ました。",
        "25人が参加してますけど、転入届も出ました。",
        "25人が参加していますが、転入届も出ました。",
    ]


def test_notation_and_punctuation_can_be_switched_off() -> None:
    assert write(recognised(), Style(notation=Notation.AS_HEARD, punctuation=False)) == recognised()


@pytest.mark.parametrize("style", STYLES)
def test_every_change_has_its_reason_and_what_was_heard_stays(style: Style) -> None:
    written = write(recognised(), style)
    assert written.heard == HEARD
    assert written.words == recognised().words
    assert written.text == Edits.of(written).text
    assert write(written, style) == written
    undone = Edits.of(written)
    for i in range(len(undone.changes)):
        undone = undone.undo(i)
    assert undone.text == HEARD


def test_what_a_person_undid_stays_undone_at_every_level() -> None:
    shown = write(recognised(), Style(level=Level.CLEAN))
    number = next(c for c in shown.changes if c.written == "25")
    kept = decided(recognised(), number, undone=True)
    for style in STYLES:
        assert "二十五人" in write(kept, style).text
    assert decided(kept, next(c for c in kept.changes if c.undone), undone=False) == recognised()


def test_a_word_of_the_city_can_be_undone_and_redone() -> None:
    shown = write(recognised(), Style())
    word = next(c for c in shown.changes if Reason.VOCABULARY in c.reasons)
    kept = decided(recognised(), word, undone=True)
    assert "店入届け" in write(kept, Style()).text
    again = decided(kept, next(c for c in kept.changes if c.undone), undone=False)
    assert again == recognised()


def test_a_segment_of_which_nothing_is_left_is_left_out_of_the_transcript() -> None:
    segments = (Segment(start_s=0, end_s=1, text="えーと"), Segment(start_s=1, end_s=2, text="はい"))
    assert [s.text for s in write_all(segments, Style(level=Level.CLEAN))] == ["はい"]


@given(st.text("えーあの、。二十人ですますけどっていうはいはい", max_size=40), st.sampled_from(STYLES))
def test_any_text_can_be_written_and_taken_back(text: str, style: Style) -> None:
    written = write(Segment(start_s=0, end_s=5, text=text), style)
    assert written.text == Edits(written.heard, written.changes).text
    for i in range(len(written.changes)):
        written = Edits.of(written).undo(i).applied_to(written)
    assert written.text == text
