"""Promises of an answer: approved text letter by letter, a choice of two to four, or the counter that helps; never a guess."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from core.audience import Audience
from core.clock import JST
from core.database import open_database
from core.errors import InvalidInput, NotReady
from core.settings import Settings
from dialogue.answer import Act, Answer, Band
from dialogue.pipeline import Answerer
from dialogue.smalltalk import reply_to
from dialogue.utterance import Utterance
from retrieval.calibration import DATA
from retrieval.knowledge import Knowledge
from retrieval.terms import Terms

SUNDAY = datetime(2026, 11, 22, 12, 0, tzinfo=JST)
TUESDAY = datetime(2026, 11, 24, 12, 0, tzinfo=JST)

ASKED = [
    "先月引っ越してきました", "住民票がほしい", "赤ちゃんが生まれた", "マイナンバーカードを落とした", "国民年金が払えない",
    "介護認定の申請",
    "児童手当はいくら", "ごみの日はいつ", "水道を止めたい", "避難所はどこ", "畑にイノシシが出る", "市営住宅に入りたい",
    "図書館で本を借りたい",
    "選挙の期日前投票", "予防接種", "税金", "手続き", "子ども", "こまっています", "助成金はありますか",
]  # fmt: skip

OUT_OF_SCOPE = [
    "明日の天気を教えて", "美味しいラーメン屋を教えて", "宇宙の果てはどうなっていますか", "英語に翻訳してください",
    "株は上がりますか",
    "ピアノの弾き方", "量子コンピューターの仕組み", "東京タワーの高さは", "パスタのゆで時間",
    "推しのライブのチケットの取り方", "メジャーリーグの試合結果",
    "今期おすすめのドラマ", "火星に行く方法", "プログラミングの勉強法", "隣の国の首都はどこ",
]  # fmt: skip

Ask = Callable[..., Answer]


@pytest.fixture(scope="module")
def ask(knowledge: Knowledge, sample_home: Path) -> Ask:
    answerers = {at: Answerer(knowledge, Settings(home=sample_home), clock=lambda at=at: at) for at in (SUNDAY, TUESDAY)}

    def answer(
        text: str,
        *,
        audience: Audience = Audience.RESIDENT,
        session: str | None = None,
        at: datetime = TUESDAY,
        spoken: bool = False,
    ) -> Answer:
        return answerers[at].answer(Utterance(text=text, audience=audience, kb="soo", session=session, spoken=spoken))

    return answer


def test_the_first_question_waits_for_no_table_and_is_the_first_that_is_counted(
    knowledge: Knowledge, sample_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted = []
    answerer = Answerer(knowledge, Settings(home=sample_home), noted=lambda asked, *_, **__: noted.append(asked.text))
    answerer.get_ready("soo")
    monkeypatch.setattr(knowledge.repository, "load_table", None)
    assert answerer.answer(Utterance(text="乾電池の捨て方", audience=Audience.RESIDENT, kb="soo")).act is Act.GARBAGE
    assert noted == ["乾電池の捨て方"]


def test_the_first_question_that_is_looked_for_by_its_sound_waits_for_nothing_either(
    knowledge: Knowledge, sample_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=sample_home)
    database = open_database(settings)
    just_started = Knowledge(database, sample_home / "indexes", knowledge.models.base)
    answerer = Answerer(just_started, settings)
    answerer.get_ready("soo")
    monkeypatch.setattr(Terms, "_counted", None)
    answerer.answer(Utterance(text="しかくかくにんしょってなんですか", audience=Audience.RESIDENT, kb="soo"))
    database.dispose()


def test_what_a_table_answers_waits_for_no_search(
    knowledge: Knowledge, sample_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answerer = Answerer(knowledge, Settings(home=sample_home))
    monkeypatch.setattr(knowledge, "search", None)
    for text in ("乾電池の捨て方", "大隅図書館は何時から"):
        assert answerer.answer(Utterance(text=text, audience=Audience.RESIDENT, kb="soo")).act in (Act.GARBAGE, Act.TABLE)


@pytest.fixture(scope="module")
def approved(knowledge: Knowledge) -> dict[str, dict[str, str]]:
    """Every answer that may be said, by audience and entry."""
    return {a: {e.id: e.answer for e in knowledge.version("soo", a).index.entries} for a in Audience}


@pytest.mark.parametrize("audience", list(Audience))
def test_every_answer_is_an_approved_answer_letter_by_letter(
    ask: Ask, approved: dict[str, dict[str, str]], audience: Audience
) -> None:
    answered = 0
    for text in ASKED:
        answer = ask(text, audience=audience)
        if answer.band is Band.ANSWER and answer.act is Act.QUESTION:
            (citation,) = answer.citations
            assert answer.text == approved[audience][citation.entry_id], text
            assert citation.updated_on
            answered += 1
    assert answered >= 5


def test_the_question_of_an_entry_is_answered_with_the_entry(ask: Ask, knowledge: Knowledge) -> None:
    for entry in knowledge.version("soo", Audience.RESIDENT).index.entries[::9]:
        answer = ask(entry.question)
        assert answer.band is Band.ANSWER, entry.id
        assert answer.text == entry.answer
        assert (answer.easy, answer.speech) == (entry.answer_easy, entry.speech)
        (citation,) = answer.citations
        assert (citation.entry_id, citation.source_title, citation.source_url) == (entry.id, entry.source_title, entry.source_url)
        assert answer.contact is not None
        assert answer.contact.department == entry.department


def test_no_question_of_the_city_is_taken_for_chatter(ask: Ask, knowledge: Knowledge) -> None:
    """「児童手当は何歳まで」 has the words of 「何歳ですか」."""
    for entry in knowledge.version("soo", Audience.STAFF).index.entries:
        for text in (entry.question, *entry.paraphrases):
            reply = reply_to(text, "曽於市")
            if reply is not None and reply.act is Act.CHATTER:
                assert ask(text, audience=Audience.STAFF).act is not Act.CHATTER, text


@pytest.fixture(scope="module")
def unsure(ask: Ask) -> str:
    """A question that the service is not sure about."""
    for text in (*ASKED, "手当", "届出", "証明書", "保険", "相談したい"):
        if (answer := ask(text)).band is Band.CLARIFY and answer.act is Act.QUESTION:
            return text
    raise AssertionError("no question gets a choice")


def test_a_choice_has_two_to_four_questions_that_can_be_asked(ask: Ask, approved: dict[str, dict[str, str]]) -> None:
    seen = 0
    for text in (*ASKED, "手当", "届出", "証明書", "保険", "相談したい"):
        answer = ask(text)
        if answer.act is not Act.QUESTION:
            continue
        if answer.band is not Band.CLARIFY:
            assert answer.suggestions == ()
            continue
        seen += 1
        assert 2 <= len(answer.suggestions) <= 4
        assert len({s.entry_id for s in answer.suggestions}) == len(answer.suggestions)
        assert answer.citations == ()
        for s in answer.suggestions:
            assert ask(s.question).text == approved[Audience.RESIDENT][s.entry_id]
    assert seen >= 2


def test_saying_the_second_one_answers_the_second(ask: Ask, approved: dict[str, dict[str, str]], unsure: str) -> None:
    offer = ask(unsure, session="resident-1").suggestions
    answer = ask("二つ目", session="resident-1")
    assert answer.text == approved[Audience.RESIDENT][offer[1].entry_id]
    assert ask(unsure, session="resident-2").suggestions == offer
    assert ask("二つ目", session="resident-3").text != answer.text


def test_a_choice_is_forgotten_once_something_else_was_answered(ask: Ask, unsure: str) -> None:
    offer = ask(unsure, session="s").suggestions
    ask("市民課の電話番号", session="s")
    assert ask("二つ目", session="s").citations != ask(offer[1].question).citations


def test_what_has_no_answer_is_handed_over_with_counter_phone_hours_and_the_next_opening(ask: Ask) -> None:
    handed_over = 0
    for text in OUT_OF_SCOPE:
        answer = ask(text, at=SUNDAY)
        if answer.band is not Band.HANDOFF or answer.act is not Act.QUESTION:
            continue
        handed_over += 1
        contact = answer.contact
        assert contact is not None
        assert (contact.open_now, contact.next_open_text) == (False, "11月24日（火）8時30分")
        for part in (contact.department, contact.phone, contact.location, contact.hours, contact.next_open_text):
            assert str(part) in answer.text
        assert "次に開くのは" not in ask(text, at=TUESDAY).text
    assert handed_over >= 3


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("3輪を装足した時の届けでについて", "farming-11"),
        ("スイド台をカードで払えますか。", "water-05"),
        ("余密が暗い、伝統をつけてほしい。", "housing-07"),
    ],
)
def test_what_was_misheard_is_offered_and_never_answered(ask: Ask, heard: str, meant: str) -> None:
    answer = ask(heard, spoken=True)
    assert answer.band is Band.CLARIFY
    assert meant in {s.entry_id for s in answer.suggestions}


@pytest.mark.parametrize("text", OUT_OF_SCOPE)
def test_what_is_not_the_citys_business_is_no_answer_for_being_spoken(ask: Ask, text: str) -> None:
    assert ask(text, spoken=True).band is not Band.ANSWER


def test_the_counter_of_a_hand_over_is_the_one_that_deals_with_it(ask: Ask) -> None:
    answer = ask("住民税課税台帳の縦覧制度の根拠条文の解釈をめぐる判例")
    assert answer.contact is not None
    assert answer.contact.department


@pytest.mark.parametrize("text", OUT_OF_SCOPE)
def test_what_is_not_the_citys_business_is_never_answered(ask: Ask, text: str) -> None:
    assert ask(text).band is not Band.ANSWER


def test_of_the_known_list_of_what_is_not_the_citys_business_hardly_any_is_answered(ask: Ask) -> None:
    texts = (DATA / "out_of_scope.txt").read_text("utf-8").split()
    answered = [t for t in texts if (a := ask(t)).band is Band.ANSWER and a.act in (Act.QUESTION, Act.GARBAGE)]
    assert len(answered) <= len(texts) // 10, answered


def test_an_emergency_comes_before_everything(ask: Ask) -> None:
    answer = ask("火事です、隣の家が燃えています")
    assert answer.act is Act.EMERGENCY
    assert "119番" in answer.text


@pytest.mark.parametrize(
    ("text", "counter"),
    [("夫に殴られています", "福祉課"), ("子どもが虐待されています", "こども未来課"), ("隣で殴られている人がいます", "福祉課")],
)
def test_who_is_beaten_is_told_the_citys_own_counter_too(ask: Ask, text: str, counter: str) -> None:
    answer = ask(text)
    assert answer.act is Act.EMERGENCY
    assert f"市役所では、{counter}（電話0986-00-01" in answer.text
    assert answer.text.startswith("今、危険を感じているときは、すぐに110番へ"), "the numbers for danger come first"


@pytest.mark.parametrize("text", ["子どもを捨てたい", "赤ちゃんを育てられない"])
def test_a_child_is_no_rubbish_and_its_parent_is_told_who_listens(ask: Ask, text: str) -> None:
    answer = ask(text)
    assert (answer.act, answer.suggestions) == (Act.EMERGENCY, ())
    assert "189番" in answer.text
    assert "市役所では、こども未来課（電話0986-00-01" in answer.text


def test_whoever_speaks_of_one_who_left_a_child_is_offered_no_rubbish(ask: Ask) -> None:
    assert ask("子どもを捨てた親にも扶養義務はありますか").act is not Act.GARBAGE


@pytest.mark.parametrize("text", ["どうすればいいの", "鹿屋市はどうですか", "都城ではどうするの"])
def test_what_names_nothing_is_offered_nothing_that_sounds_like_it(ask: Ask, text: str) -> None:
    answer = ask(text)
    assert (answer.band, answer.suggestions) == (Band.HANDOFF, ())


def test_a_greeting_with_a_question_gets_the_answer(ask: Ask) -> None:
    answer = ask("こんにちは、住民票の写しはどこで取れますか。")
    assert answer.act is Act.QUESTION
    assert "registry-01" in {c.entry_id for c in answer.citations} | {s.entry_id for s in answer.suggestions}


def test_rubbish_is_answered_from_the_table_with_its_words(ask: Ask) -> None:
    answer = ask("乾電池の捨て方は？")
    assert (answer.act, answer.band) in {(Act.GARBAGE, Band.ANSWER), (Act.GARBAGE, Band.CLARIFY)}
    one = ask("生ごみは何ごみですか")
    assert one.act is Act.GARBAGE
    assert one.text.startswith("「生ごみ」は「可燃ごみ」です。")
    assert one.citations[0].source_title == "曽於市 ごみ分別表"


def test_several_kinds_of_a_thing_are_offered_and_can_be_picked(ask: Ask) -> None:
    offer = ask("電池の捨て方", session="battery")
    assert offer.band is Band.CLARIFY
    assert 2 <= len(offer.suggestions) <= 4
    picked = ask("2番", session="battery")
    assert (picked.act, picked.band) == (Act.GARBAGE, Band.ANSWER)
    assert f"「{offer.suggestions[1].question.removesuffix('の捨て方')}」" in picked.text


def test_a_counters_phone_is_said(ask: Ask) -> None:
    answer = ask("税務課の電話番号は？", at=SUNDAY)
    assert answer.contact is not None
    assert answer.contact.department == "税務課"
    assert answer.contact.phone in answer.text
    assert "次に開くのは11月24日（火）8時30分です。" in answer.text


@pytest.mark.parametrize("text", ["", "  \n", "　"])
def test_nothing_is_no_question(ask: Ask, text: str) -> None:
    with pytest.raises(InvalidInput, match="入力してください"):
        ask(text)


def test_too_long_a_question_is_refused_with_the_limit(ask: Ask) -> None:
    assert ask("税" * 500).text
    with pytest.raises(InvalidInput, match="500字以内"):
        ask("税" * 501)


def test_without_a_knowledge_base_the_sentence_says_so(knowledge: Knowledge, sample_home: Path) -> None:
    answerer = Answerer(knowledge, Settings(home=sample_home))
    with pytest.raises(NotReady):
        answerer.answer(Utterance(text="住民票", audience=Audience.RESIDENT, kb="another"))


@pytest.mark.parametrize("text", ["火事です", "夫に殴られています"])
def test_danger_is_answered_without_a_knowledge_base_too(knowledge: Knowledge, sample_home: Path, text: str) -> None:
    answerer = Answerer(knowledge, Settings(home=sample_home))
    assert answerer.answer(Utterance(text=text, audience=Audience.RESIDENT, kb="another")).act is Act.EMERGENCY


def test_a_reply_is_always_a_whole_polite_japanese_sentence(ask: Ask) -> None:
    for text in (*ASKED, *OUT_OF_SCOPE, "こんにちは", "ありがとう", "火事です", "電池の捨て方", "税務課の電話番号"):
        reply = ask(text).text
        assert re.search("(?:です|ます|ません|ください|でした|ました|ません|番号)[^。]*。?", reply), text
        assert not re.search(r"None|\{|\}|<|entry", reply), text


@pytest.mark.parametrize("text", ["コミュニティFM", "橋", "ガードレール", "電気の照明器具", "会社のタクシー"])
def test_a_bare_name_is_not_answered_with_what_only_mentions_it(ask: Ask, text: str) -> None:
    assert ask(text).band is not Band.ANSWER


@pytest.mark.parametrize(
    "text", ["婚姻届", "犬の登録", "印鑑登録", "粗大ごみ", "図書館の利用登録", "就学援助の申請", "戸籍謄本の請求方法"]
)
def test_a_bare_name_is_answered_with_what_is_about_it(ask: Ask, text: str) -> None:
    assert ask(text).band is Band.ANSWER


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("鹿屋市役所の電話番号", {"department:総合案内"}),
        ("東京都の粗大ごみの出し方", {"garbage-02"}),
        ("都城市の市営住宅に入りたい", {"housing-01"}),
        ("霧島市の図書館は何時まで", {"facility:末吉図書館"}),
        ("霧島市役所の場所", set()),
    ],
)
def test_another_citys_matter_is_never_answered_with_ours_but_ours_may_be_looked_at(
    ask: Ask, text: str, offered: set[str]
) -> None:
    answer = ask(text)
    assert answer.band is (Band.CLARIFY if offered else Band.HANDOFF)
    assert answer.text.startswith(f"ご案内できるのは、曽於市のことだけです。{text[:3]}")
    assert offered <= {s.entry_id for s in answer.suggestions}
    assert answer.citations == ()


def test_what_the_city_hall_is_asked_with_its_own_name_is_answered_as_without(ask: Ask) -> None:
    for text in ("ごみの出し方", "児童手当は何歳まで"):
        assert ask(f"曽於市の{text}").citations == ask(text).citations != ()


def test_the_name_of_a_city_that_somebody_came_from_hides_nothing(ask: Ask) -> None:
    assert "moving-01" in {s.entry_id for s in ask("鹿屋市から引っ越してきた").suggestions}
    assert ask("霧島市に住む親の介護認定を申請したい").band is Band.CLARIFY, "it may be that city's"


@pytest.mark.parametrize(
    ("story", "entry"),
    [
        (
            "先日父が亡くなりまして、母が一人になりました。父は農業をしていました。年金の手続きはどうすればいいでしょうか。",
            "insurance-17",
        ),
        ("わたしは ベトナムじんです。ほけんに はいりたいです", "insurance-01"),
        ("にんしんしました。市役所で何をもらいますか", "childcare-11"),
    ],
)
def test_a_story_around_a_question_leads_to_choices_that_fit_both(ask: Ask, story: str, entry: str) -> None:
    answer = ask(story)
    assert answer.band is Band.CLARIFY
    assert entry in [s.entry_id for s in answer.suggestions[:2]]


def test_a_greeting_hides_no_answer(ask: Ask) -> None:
    for greeting in ("こんにちは、", "いつもお世話になっております。", "すみません、"):
        assert ask(f"{greeting}住民票の写しはどこで取れますか").citations == ask("住民票の写しはどこで取れますか").citations != ()


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("転入の手続き", "moving-01"),
        ("転出手続きを教えてください", "moving-02"),
        ("転居の届け出の仕方", "moving-03"),
        ("離婚するときの手続き", "registry-13"),
        ("転入届を出したいのですが", "moving-01"),
        ("転入届はどうすればいいですか", "moving-01"),
    ],
)
def test_what_is_done_with_a_paper_is_found_by_the_paper_s_name(ask: Ask, text: str, entry: str) -> None:
    answer = ask(text)
    assert (answer.band, [c.entry_id for c in answer.citations]) == (Band.ANSWER, [entry])


@pytest.mark.parametrize("text", ["もう一度お願いします", "はい", "くわしく"])
def test_a_word_about_a_conversation_that_has_not_begun_is_asked_for_a_question(ask: Ask, text: str) -> None:
    assert ask(text).act is Act.GREETING


@pytest.mark.parametrize("text", ["2番です", "一番目", "二つ目"])
def test_a_number_where_nothing_is_offered_is_not_searched(ask: Ask, text: str) -> None:
    assert ask(text).text.startswith("番号で選べるご案内が、今はありません。")


def test_who_wants_to_speak_with_somebody_is_told_whom_to_call(ask: Ask) -> None:
    answer = ask("人間と話したい", session="a person")
    assert (answer.band, answer.contact and answer.contact.department) == (Band.HANDOFF, "総合案内")
    ask("印鑑登録をしたい", session="a person")
    answer = ask("担当者につないでください", session="a person")
    assert answer.contact is not None
    assert answer.contact.department == "市民課"
    assert answer.contact.phone in answer.text
