"""Promises of several questions at once: each that has an answer gets it with its source, and no doubtful one looks certain."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.audience import Audience
from dialogue.answer import Act, Answer, Band
from retrieval.knowledge import Knowledge
from server.schemas import AnswerBody

Ask = Callable[..., Answer]


def quoted(answer: Answer) -> list[str]:
    return [c.entry_id for c in answer.citations]


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        ("住民票と印鑑証明書はどこで取れますか", ["registry-01", "registry-10"]),
        ("図書館の本を借りたい。あと市民プールは何時までですか", ["facilities-01", "facility:市民プール"]),
        ("布団と毛布の捨て方", ["garbage:ふとん", "garbage:毛布"]),
        ("末吉町本町と岩川の可燃ごみはいつ", ["collection:末吉町本町", "collection:大隅町岩川"]),
        ("末吉町本町の可燃ごみはいつで、粗大ごみはどう出すの", ["collection:末吉町本町", "garbage-02"]),
        ("期日前投票はどこでできますか。また、入場券をなくしたらどうすればいいですか", ["life-09", "life-11"]),
        ("粗大ごみの出し方を知りたいです。あと、市民課は何時まで開いていますか？", ["garbage-02", "department:市民課"]),
    ],
)
def test_every_question_that_has_an_answer_gets_it_with_its_source(ask: Ask, text: str, sources: list[str]) -> None:
    answer = ask(text)
    assert (answer.band, quoted(answer)) == (Band.ANSWER, sources)
    for part in answer.parts:
        assert f"【{part.asked}】\n{part.answer.text}" in answer.text


def test_an_answer_in_parts_is_approved_text_letter_by_letter(ask: Ask, knowledge: Knowledge) -> None:
    approved = {e.id: e.answer for e in knowledge.version("soo", Audience.RESIDENT).index.entries}
    answer = ask("住民票と印鑑証明書はどこで取れますか")
    assert [approved[i] for i in quoted(answer)] == [part.answer.text for part in answer.parts]


def test_each_answer_names_its_own_counter_where_they_are_different(ask: Ask) -> None:
    answer = ask("市役所は何時まで開いていますか、駐車場はありますか")
    assert answer.contact is None
    for part in answer.parts:
        assert part.answer.contact is not None
        assert f"お問い合わせ：{part.answer.contact.department}（電話{part.answer.contact.phone}）" in answer.text


def test_a_part_that_is_not_certain_is_offered_under_its_own_heading(ask: Ask) -> None:
    answer = ask("保育園に申し込みたいし、介護のことも知りたい", session="parts")
    assert quoted(answer) == ["childcare-05"]
    assert [part.answer.band for part in answer.parts] == [Band.ANSWER, Band.CLARIFY]
    assert answer.suggestions
    assert "【介護】\nはっきりお答えできません。" in answer.text
    assert quoted(ask("1番", session="parts")) == [answer.suggestions[0].entry_id]


def test_another_citys_part_is_not_answered_with_ours(ask: Ask) -> None:
    answer = ask("粗大ごみの出し方と、鹿屋市の児童手当を教えて")
    assert quoted(answer) == ["garbage-02"]
    assert "曽於市のことだけ" in answer.text


@pytest.mark.parametrize("text", ["妻と子どもの保険証", "国民健康保険と国民年金の脱退の手続き", "税金と保険料の払い方"])
def test_words_that_are_only_joined_are_not_torn_apart_for_a_doubtful_part(ask: Ask, text: str) -> None:
    answer = ask(text)
    assert answer.parts == ()
    assert answer.band is not Band.ANSWER


@pytest.mark.parametrize("text", ["犬が亡くなったときの手続きと、狂犬病の注射はいつですか", "火葬場の予約と料金はいくらですか"])
def test_what_one_entry_answers_whole_is_not_divided(ask: Ask, text: str) -> None:
    answer = ask(text)
    assert (answer.band, answer.parts, len(answer.citations)) == (Band.ANSWER, (), 1)


def test_asked_again_all_parts_are_told_again(ask: Ask) -> None:
    answer = ask("布団と毛布の捨て方", session="again")
    assert ask("もう一度", session="again") == answer


def test_programs_find_both_sources_under_the_usual_keys(ask: Ask) -> None:
    body = AnswerBody.of(ask("布団と毛布の捨て方")).model_dump(mode="json")
    assert (body["band"], body["act"]) == ("answer", Act.QUESTION)
    assert [c["entry_id"] for c in body["citations"]] == ["garbage:ふとん", "garbage:毛布"]
    assert body["contact"]["department"] == "環境課"


def test_a_danger_among_questions_comes_first(ask: Ask) -> None:
    assert ask("住民票を取りたい。あと、隣の家が火事です").act is Act.EMERGENCY


def test_a_part_that_names_nothing_stands_under_the_question_that_is_answered(ask: Ask) -> None:
    story = "足が悪くて行けません。マイナンバーカードの期限が切れます。"
    answer = ask(f"{story}どうしたらいいですか。代わりの人でもできますか。")
    assert [part.asked for part in answer.parts] == [answer.citations[0].question, "代わりの人でもできますか"]
