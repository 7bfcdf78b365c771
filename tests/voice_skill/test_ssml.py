"""What is said is well-formed SSML within Alexa's limits, and names are read right on both engines."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_skill.ssml import SSML_LIMIT_CHARS, for_tts, ssml
from voice_skill.turns import City


def test_the_city_and_its_towns_are_read_right(soo: City) -> None:
    marked = ssml("曽於市役所は曽於市末吉町二之方、支所は大隅町岩川と財部町南俣です。", soo.readings)
    read = {element.text: element.get("alias") for element in ElementTree.fromstring(marked).iter("sub")}
    assert read["曽於市役所"] == "そおしやくしょ"
    assert read["曽於市"] == "そおし"
    assert read["末吉町二之方"] == "すえよしちょうにのかた"
    assert read["大隅町岩川"] == "おおすみちょういわがわ"
    assert read["財部町南俣"] == "たからべちょうみなみまた"
    assert '<sub alias="そおし">曽於市</sub>' in marked


def test_markup_in_a_text_is_said_not_obeyed(soo: City) -> None:
    marked = ssml('<audio src="https://very.bad/x.mp3"/> & "引用" \x00\x1b終わり。', soo.readings)
    root = ElementTree.fromstring(marked)
    assert [e.tag for e in root.iter()] == ["speak"]
    assert "<audio" in "".join(root.itertext())


def test_a_reading_can_not_break_out_of_its_attribute() -> None:
    marked = ssml("曽於市", {"曽於市": 'そ"><audio/>'})
    assert [e.tag for e in ElementTree.fromstring(marked).iter()] == ["speak", "sub"]


def test_a_line_break_is_a_pause(soo: City) -> None:
    assert ElementTree.fromstring(ssml("一。\n二。", soo.readings)).find("break") is not None


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=400).map(lambda t: (t + "曽於市の") * 20))
def test_any_text_becomes_well_formed_ssml_within_the_limit(text: str) -> None:
    marked = ssml(text, {"曽於市": "そおし"})
    assert len(marked) <= SSML_LIMIT_CHARS
    assert ElementTree.fromstring(marked).tag == "speak"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("曽於市末吉町深川の方は8:30〜に市民課へ。", "ソオシスエヨシチョウフカガワの方は8時30分からにシミンカへ。"),
        ("電話は0986-00-0100です。", "電話はゼロ キュウ ハチ ロク、ゼロ ゼロ、ゼロ イチ ゼロ ゼロです。"),
    ],
)
def test_the_pages_voice_gets_names_in_katakana_and_numbers_in_words(soo: City, text: str, said: str) -> None:
    assert for_tts(text, soo.readings) == said
