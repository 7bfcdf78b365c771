from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.edits import Edits
from asr.punctuation import punctuated
from asr.transcript import Word


def spoken(*texts: tuple[str, float]) -> tuple[Edits, list[Word]]:
    """Words with the silence behind each."""
    words, at_s = [], 0.0
    for text, pause_s in texts:
        words.append(Word(start_s=at_s, end_s=at_s + 0.3, text=text))
        at_s += 0.3 + pause_s
    return Edits("".join(w.text for w in words)), words


@pytest.mark.parametrize(
    ("heard", "written"),
    {
        "会議を始めます": "会議を始めます。",
        "ありがとうございましたそれでは次に進みます": "ありがとうございました。それでは次に進みます。",
        "いいですか明日は雨です": "いいですか。明日は雨です。",
        "お集まりいただきました皆様に": "お集まりいただきました皆様に",
        "そう思いますので": "そう思いますので",
        "終わります。": "終わります。",
        "承知しました、予算は百万円です、以上": "承知しました。予算は百万円です。以上",
        "今回はですね、思いますが、それはです、つまり": "今回はですね、思いますが、それはです、つまり",
        "行います、という説明です、と聞きました": "行います、という説明です、と聞きました。",
        "": "",
    }.items(),
)
def test_sentences_are_closed(heard: str, written: str) -> None:
    assert punctuated(Edits(heard), ()).text == written


def test_a_pause_becomes_a_comma_and_a_long_one_behind_a_verb_a_full_stop() -> None:
    edits, words = spoken(("次の議案は", 0.5), ("道路の", 0.1), ("整備で", 0.1), ("説明します", 0.9), ("担当から", 0.0))
    assert punctuated(edits, words).text == "次の議案は、道路の整備で説明します。担当から"


def test_no_mark_comes_before_a_particle_or_beside_another() -> None:
    edits, words = spoken(("市役所", 0.6), ("が", 0.6), ("行います、", 0.6), ("次に", 0.0))
    assert punctuated(edits, words).text == "市役所が、行います。次に"


@given(
    st.lists(
        st.tuples(st.sampled_from("会議を 始めます 、 。 です ね それでは 市役所 が 二十人".split()), st.floats(0, 2)), max_size=8
    )
)
def test_marks_are_only_put_in_and_never_doubled(texts: list[tuple[str, float]]) -> None:
    edits, words = spoken(*texts)
    written = punctuated(edits, words)
    assert all(edits.heard[c.start : c.end] in ("", "、") and c.written in "、。" for c in written.changes)
    assert len(re.findall("[、。]{2}", written.text)) <= len(re.findall("[、。]{2}", edits.text))
