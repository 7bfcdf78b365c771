from __future__ import annotations

from dataclasses import replace

import pytest

from asr.edits import Edits
from asr.flowing import flowing
from asr.transcript import Reason, Segment


def said(*texts: str, pause_s: float = 0.0) -> list[Segment]:
    return [
        Segment(start_s=i * (5 + pause_s), end_s=i * (5 + pause_s) + 5, text=text, heard=text) for i, text in enumerate(texts)
    ]


@pytest.mark.parametrize(
    ("heard", "written"),
    {
        "1時間の会議で。": "1時間の会議で、",
        "本日の出席者は12名で。": "本日の出席者は12名で、",
        "ポリシーに沿って。": "ポリシーに沿って、",
        "断定しないように。": "断定しないように、",
        "四月の運用開始とし。": "四月の運用開始とし、",
        "仕組みを入れますと。": "仕組みを入れますと、",
        "会議を始めます。": "会議を始めます。",
        "よろしいですか。": "よろしいですか。",
        "ご意見は。": "ご意見は。",
        "難しいと思いますが。": "難しいと思いますが。",
        "お待ちください。": "お待ちください。",
        "以上です。": "以上です。",
        "そうですね。": "そうですね。",
        "": "",
    }.items(),
)
def test_what_ends_no_sentence_is_not_closed_where_it_is_gone_on_with(heard: str, written: str) -> None:
    first, second = flowing(said(heard, "次の文です。"))
    assert (first.text, first.heard, second.text) == (written, heard, "次の文です。")
    assert {r for c in first.changes for r in c.reasons} <= {Reason.PUNCTUATION}


def test_who_stops_there_is_believed() -> None:
    assert [s.text for s in flowing(said("少し待って。", "はい。", pause_s=0.5))] == ["少し待って。", "はい。"]
    assert [s.text for s in flowing(said("少し待って。"))] == ["少し待って。"]
    assert flowing([]) == ()


def test_what_was_put_right_before_stays_so() -> None:
    heard = Segment(start_s=0, end_s=5, text="相思市の会議で。", heard="相思市の会議で。")
    right = Edits.of(heard).replace(0, 2, "曽於", Reason.VOCABULARY).applied_to(heard)
    first, _ = flowing([right, replace(heard, start_s=5, end_s=10)])
    assert (first.text, first.heard, len(first.changes)) == ("曽於市の会議で、", heard.text, 2)
