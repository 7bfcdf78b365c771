"""Promises of a conversation: a few words ask on about what was spoken of, and only about that."""

from __future__ import annotations

import time

import pytest

from dialogue.answer import Act, Band
from tests.dialogue.conftest import Ask


@pytest.mark.parametrize(
    ("question", "words", "whole"),
    [
        ("末吉町本町の可燃ごみはいつ", "じゃあ不燃は？", "末吉町本町の不燃ごみはいつ"),
        ("末吉町本町の可燃ごみはいつ", "大隅町岩川は？", "大隅町岩川の可燃ごみはいつ"),
        ("末吉町本町の可燃ごみはいつ", "大隅町岩川", "大隅町岩川の可燃ごみはいつ"),
        ("末吉町本町の可燃ごみはいつ", "金曜だと？", "金曜の末吉町本町の可燃ごみはありますか"),
        ("末吉町本町の不燃ごみはいつ", "水曜の大隅町岩川は？", "水曜の大隅町岩川の不燃ごみはありますか"),
        ("末吉町本町の可燃ごみはいつ", "スプレー缶は", "末吉町本町のスプレー缶の収集日"),
        ("12月29日から1月3日までの末吉町本町のごみの収集", "大隅町岩川は？", "12月29日から1月3日までの大隅町岩川のごみの収集"),
        ("明日の末吉町本町のごみ", "それじゃあ明後日は？", "明後日の末吉町本町のごみ"),
        ("末吉町本町の可燃ごみはいつ", "電話番号は？", "環境課の電話番号"),
        ("ボタン電池の捨て方", "いつ出せますか", "ボタン電池の収集日はいつ"),
        ("ボタン電池の捨て方", "大隅町岩川は？", "大隅町岩川のボタン電池の収集日"),
        ("末吉図書館は何時まで", "日曜は？", "日曜の末吉図書館は何時まで"),
        ("末吉図書館は何時まで", "1月1日は休み？", "1月1日の末吉図書館は休みですか"),
        ("末吉図書館は何時まで", "祝日は？", "祝日の末吉図書館は何時まで"),
        ("日曜の末吉図書館は何時まで", "大隅図書館は？", "日曜の大隅図書館は何時まで"),
        ("末吉図書館は何時まで", "それはどこにありますか", "末吉図書館の場所はどこですか"),
        ("末吉図書館の電話番号", "何時まで開いていますか", "末吉図書館は何時まで"),
        ("図書館は何時まで", "金曜は？", "金曜の図書館は何時まで"),
        ("日曜の当番医", "内科は？", "日曜の内科の当番医"),
        ("日曜の内科の当番医", "来週の日曜は？", "来週の日曜の内科の当番医"),
        ("来週の火曜の大隅町岩川のごみ", "じゃあ木曜は", "来週の木曜の大隅町岩川のごみ"),
        ("来週の日曜の大隅町岩川のごみ", "土曜は", "来週の土曜の大隅町岩川のごみ"),
        ("恒吉の段ボールはいつ", "じゃあ電池は", "電池の捨て方"),
        ("日曜の当番医", "末吉は？", "日曜の末吉の当番医"),
        ("税務課はどこですか", "何時まで開いていますか", "税務課の受付時間"),
        ("税務課はどこですか", "市民課は？", "市民課の電話番号"),
        ("税務課はどこですか", "土曜日は？", "税務課の土曜日の受付時間"),
        ("大隅支所の電話番号", "財部は？", "財部支所の電話番号"),
        ("住民票の写しはどこで取れますか", "電話番号は？", "市民課の電話番号"),
        ("今日は何のごみの日", "末吉の諏訪方です", "今日の末吉町諏訪方のごみ"),
        ("今日は何のごみの日", "諏訪方じゃっど", "今日の末吉町諏訪方のごみ"),
        ("明日の末吉町諏訪方のごみ", "明後日はどげんね", "明後日の末吉町諏訪方のごみ"),
        ("大隅町岩川のびんはいつ", "缶も一緒でいいですか", "大隅町岩川の缶はいつ"),
        ("大隅町岩川のびんはいつ", "缶もいっしょでよかと", "大隅町岩川の缶はいつ"),
        ("末吉図書館は何時まで", "財部のは？", "財部図書館は何時まで"),
        ("末吉図書館は何時まで", "財部のは何時まで", "財部図書館は何時まで"),
        ("日曜の当番医", "そこは何時まで開いちょっと", "日曜の当番医"),
        ("日曜の当番医", "12月6日もありますか", "12月6日の当番医"),
        ("末吉町本町の可燃ごみはいつ", "年末の収集は", "年末の末吉町本町の可燃ごみの収集日"),
        ("末吉町本町の可燃ごみはいつ", "年末のごみ出しは", "年末の末吉町本町の可燃ごみの収集日"),
        ("大隅町岩川の資源ごみはいつ", "正月はありますか", "正月の大隅町岩川の資源ごみの収集日"),
        ("末吉町本町の可燃ごみはいつ", "1月4日は取りに来ますか", "1月4日の末吉町本町の可燃ごみ"),
        ("末吉町本町の可燃ごみはいつ", "1月の4日の大隅町岩川は？", "1月4日の大隅町岩川の可燃ごみの収集"),
        ("末吉町本町の可燃ごみはいつ", "明日は大隅町岩川の不燃はある？", "明日の大隅町岩川の不燃ごみの収集"),
        ("末吉児童館は何歳から使える", "休みはいつ", "末吉児童館の開館時間と休み"),
        ("末吉図書館は何時まで", "そこは駐車場ある？", "末吉図書館の駐車場ある？"),
        ("図書館で勉強できる？", "何時まで", "図書館の開館時間と休み"),
        ("末吉図書館の本を借りたい", "月曜は開いてる？", "末吉図書館は月曜は開いてる？"),
        ("公民館を借りたい", "電話番号は", "公民館の電話番号"),
        ("イノシシを捕まえてほしい", "どけ電話すればよかと", "農林振興課の電話番号"),
        ("税金が払えない", "電話番号を教えろ", "税務課の電話番号"),
        ("結婚します", "どこに行きますか", "市民課の電話番号"),
    ],
)
def test_what_is_left_out_is_what_was_spoken_of(ask: Ask, question: str, words: str, whole: str) -> None:
    session = f"{question} {words}"
    ask(question, session=session)
    on, said_whole = ask(words, session=session), ask(whole)
    assert said_whole.act is not Act.CHATTER
    assert (on.band, on.text, on.citations) == (said_whole.band, said_whole.text, said_whole.citations)
    assert ask(words).text != on.text, "the words alone don't say it"


def test_a_thing_is_found_behind_what_opens_the_question(ask: Ask) -> None:
    for question, words, thing in (("冷蔵庫を捨てたい", "じゃあ布団は", "ふとん"), ("電池", "あとライターは", "ライター")):
        ask(question, session=thing)
        assert [c.entry_id for c in ask(words, session=thing).citations] == [f"garbage:{thing}"]


def test_the_hour_for_rubbish_is_not_that_of_the_counter(ask: Ask) -> None:
    ask("末吉町本町の可燃ごみはいつ", session="hour")
    answer = ask("何時まで？", session="hour")
    assert answer.text == ask("ごみは朝何時までに出せばいいですか").text


def test_thanks_and_greetings_leave_what_was_spoken_of(ask: Ask) -> None:
    ask("明日の末吉町本町のごみ", session="thanks")
    assert ask("ありがとう", session="thanks").act is Act.THANKS
    assert ask("じゃあ明後日は？", session="thanks").text == ask("明後日の末吉町本町のごみ").text


def test_another_question_is_not_taken_for_a_few_words_about_the_last(ask: Ask) -> None:
    ask("末吉町本町の可燃ごみはいつ", session="other")
    for text in ("末吉図書館は何時まで", "日曜の当番医", "住民票の写しはどこで取れますか", "店のごみはどこに出せばいい？"):
        assert ask(text, session="other").text == ask(text).text


def test_a_bare_counter_may_ask_for_what_it_does(ask: Ask) -> None:
    ask("税務課はどこですか", session="bare")
    assert ask("地域包括支援センター", session="bare").text == ask("地域包括支援センター").text


def test_a_day_is_not_asked_on_after_something_that_has_none(ask: Ask) -> None:
    ask("末吉町本町の可燃ごみはいつ", session="none")
    ask("住民票の写しはどこで取れますか", session="none")
    assert ask("金曜は？", session="none").act is not Act.GARBAGE


@pytest.mark.parametrize(
    ("question", "words", "found"),
    [
        ("転入届の出し方", "代理でもいい？", "引っ越しの届出を、本人の代わりに家族や知人がすることはできますか。"),
        ("水道が止まった", "料金は？", "水道料金はどのような方法で払えますか。払えないときはどうなりますか。"),
        ("住民票の写しはどこで取れますか", "郵送は？", "住民票や戸籍の証明書を、郵送で請求できますか。"),
    ],
)
def test_what_is_asked_of_an_entry_finds_the_questions_near_both(ask: Ask, question: str, words: str, found: str) -> None:
    ask(question, session=words)
    answer = ask(words, session=words)
    assert answer.band is Band.CLARIFY, "nothing is told that was only guessed from two questions"
    assert found in [s.question for s in answer.suggestions]


def test_what_was_told_is_not_offered_again_and_its_counter_has_the_rest(ask: Ask) -> None:
    told = ask("住民票の写しはどこで取れますか", session="rest")
    for words in ("いくら？", "郵送は？"):
        answer = ask(words, session="rest")
        assert answer.band is not Band.ANSWER
        assert told.citations[0].entry_id not in {s.entry_id for s in answer.suggestions}
        assert answer.contact is not None
        assert answer.contact.department == "市民課"
        assert "0986-00-0101" in answer.text


def test_hours_that_an_entry_speaks_of_are_not_those_of_its_counter(ask: Ask) -> None:
    told = ask("コンビニ交付", session="at a shop")
    assert ask("何時まで", session="at a shop").citations == told.citations
    ask("犬の登録をしたい", session="at a counter")
    assert "17時15分" in ask("何時まで", session="at a counter").text


def test_what_an_entry_has_itself_is_read_again_there(ask: Ask) -> None:
    for question, words in (
        ("出生届", "いつまで"),
        ("児童手当", "いくら"),
        ("マイナンバーカードを作りたい", "お金はかかりますか"),
        ("マイナンバーカードを作りたい", "写真はいりますか"),
        ("転入届", "必要なもの"),
        ("住民票の写しはどこで取れますか", "持ち物は？"),
    ):
        told = ask(question, session=words)
        assert ask(words, session=words).citations == told.citations
    ask("離婚届", session="night")
    assert "registry-18" in {s.entry_id for s in ask("夜でも出せる？", session="night").suggestions}, (
        "it says nothing of the night"
    )
    ask("出生届", session="fee")
    assert ask("いくら", session="fee").band is not Band.ANSWER, "it says nothing of money"


def test_what_only_goes_on_is_for_the_counter_that_was_spoken_of(ask: Ask) -> None:
    for turns, counter in (
        (("テレビ", "どこに持っていけばいい"), "環境課"),
        (("介護認定を受けたい", "どこに行きますか", "必要なもの"), "介護福祉課"),
    ):
        answer = [ask(text, session=turns[0]) for text in turns][-1]
        assert answer.band is Band.HANDOFF, "alone, it sounds like what to do in a disaster"
        assert answer.contact is not None
        assert answer.contact.department == counter


def test_words_in_dialect_go_on_as_well(ask: Ask) -> None:
    told = ask("トラクターのナンバーはどけもらえばよかとな", session="dialect")
    for words in ("なんが要っと", "金はかかっとけ", "どげんすればよかとな"):
        answer = ask(words, session="dialect")
        assert answer.contact is not None
        assert told.contact is not None
        assert answer.contact.department == told.contact.department == "税務課"


def test_what_an_entry_speaks_of_is_no_rubbish_and_a_new_matter_not_the_old_one(ask: Ask) -> None:
    ask("マイナンバーカードの作り方", session="photo")
    assert ask("写真は？", session="photo").act is not Act.GARBAGE
    ask("家庭ごみの出し方", session="water")
    answer = ask("水道は", session="water")
    assert all("水道" in s.question for s in answer.suggestions)


def test_what_asks_only_is_no_new_matter_and_a_thing_after_rubbish_is_rubbish(ask: Ask) -> None:
    before = ask("保育園の入所", session="age").contact
    assert ask("何歳から？", session="age").contact == before, "whose matter it was, not a pension's"
    ask("粗大ごみの出し方", session="bulky")
    assert ask("布団は？", session="bulky").act is Act.GARBAGE, "the table has it, though the entry speaks of it"


def test_what_may_be_asked_of_anything_is_neither_rubbish_nor_another_matter(ask: Ask) -> None:
    ask("犬の登録", session="dogs")
    for words in ("書類は", "手数料は"):
        answer = ask(words, session="dogs")
        assert answer.act is not Act.GARBAGE
        assert all("犬" in s.question for s in answer.suggestions), words


def test_a_price_that_others_are_warned_of_is_none(ask: Ask) -> None:
    ask("粗大ごみの出し方", session="free")
    assert ask("いくら？", session="free").band is not Band.ANSWER


def test_the_counter_that_answered_before_is_not_named_for_another_counters_matter(ask: Ask) -> None:
    assert ask("コンビニで住民票を取りたい").band is Band.ANSWER
    reply = ask("図書館で勉強できる？")
    assert "市民課" not in reply.text
    assert reply.contact and reply.contact.department == "社会教育課"


def test_when_a_library_is_closed_is_asked_in_either_order(ask: Ask) -> None:
    ask("図書館で本を借りたい", session="closed")
    assert {s.entry_id for s in ask("いつ休み？", session="closed").suggestions} >= {"facility:末吉図書館"}


def test_a_telephone_number_without_anything_else_is_the_receptions(ask: Ask) -> None:
    for text in ("電話番号", "電話番号を教えてください", "連絡先は？"):
        answer = ask(text)
        assert answer.contact is not None
        assert (answer.band, answer.contact.department) == (Band.ANSWER, "総合案内")


def test_a_few_words_that_name_something_more_are_no_question_of_their_own(ask: Ask) -> None:
    ask("犬が死んだ", session="dog")
    answer = ask("猫も？", session="dog")
    assert answer.band is Band.CLARIFY
    assert "garbage-11" in {s.entry_id for s in answer.suggestions}


@pytest.mark.parametrize("words", ["今日の", "末吉町の", "小児科の", "今日の末吉町本町の可燃ごみの", "の", "は", "何時から"])
@pytest.mark.parametrize("question", ["末吉町本町の可燃ごみはいつ", "大隅図書館は何時まで", "日曜の当番医"])
def test_words_that_repeat_themselves_are_not_divided_in_every_way(ask: Ask, question: str, words: str) -> None:
    ask(question, session="long")
    for chars in (40, 60, 400):
        start = time.process_time()
        ask((words * chars)[:chars] + "ぬ", session="long")
        assert time.process_time() - start < 3
        ask(question, session="long")


def test_another_entry_in_the_same_few_words_is_not_told_of_what_was_spoken_of(ask: Ask) -> None:
    for question, words, other in (
        ("パスポートを取りたい", "代理でも取れる？", "registry-10"),  # of a seal
        ("国保に入りたい", "払えない", "water-05"),
        ("離婚届を出したい", "証人は何人", "registry-12"),  # to marry
        ("転出届", "郵送でもいい？", "registry-06"),  # of certificates
    ):
        before = ask(question, session=words)
        answer = ask(words, session=words)
        assert other not in {c.entry_id for c in answer.citations}, words
        assert answer.contact == before.contact


def test_what_was_told_is_read_again_where_it_has_what_is_asked_of_it(ask: Ask) -> None:
    for question, words in (("離婚届を出したい", "証人は何人"), ("転出届", "郵送でもいい？")):
        told = ask(question, session=words)
        assert ask(words, session=words).citations == told.citations


def test_how_many_is_not_told_from_what_has_no_such_number(ask: Ask) -> None:
    for question, words in (("図書館", "子どもは何人まで"), ("パスポートを取りたい", "写真は何枚")):
        before = ask(question, session=words)
        answer = ask(words, session=words)
        assert (answer.citations, answer.contact) == ((), before.contact), words


def test_what_can_not_be_done_may_be_another_matter(ask: Ask) -> None:
    for words, entry in (("働けない", "disability-09"), ("食べていけない", "welfare-01")):
        ask("住民票がほしい", session=words)
        assert entry in {s.entry_id for s in ask(words, session=words).suggestions}


def test_a_counters_hours_are_not_told_of_what_has_its_own(ask: Ask) -> None:
    for question in ("期日前投票をしたい", "コンビニで住民票を取りたい"):
        told = ask(question, session=question)
        assert ask("何時まで？", session=question).citations == told.citations


def test_a_thing_that_may_belong_to_what_was_told_is_not_told_as_rubbish(ask: Ask) -> None:
    before = ask("住民票がほしい", session="copy")
    for words, thing in (("写真は？", "garbage:写真"), ("印鑑は？", "garbage:印鑑")):
        answer = ask(words, session="copy")
        assert (answer.band, answer.contact) == (Band.CLARIFY, before.contact)
        assert thing in {s.entry_id for s in answer.suggestions}


def test_a_thing_that_the_counter_spoken_of_has_nothing_to_do_with_is_told_as_rubbish(ask: Ask) -> None:
    ask("住民票がほしい", session="fridge")
    assert [c.entry_id for c in ask("冷蔵庫は？", session="fridge").citations] == ["garbage:冷蔵庫"]


def test_a_matter_that_goes_on_from_the_one_before_is_told(ask: Ask) -> None:
    ask("台風がきそう", session="storm")
    for words, entry in (("避難所は？", "disaster-01"), ("犬も連れて行ける？", "disaster-13")):
        assert [c.entry_id for c in ask(words, session="storm").citations] == [entry]


def test_what_is_asked_of_many_matters_stays_with_the_one_that_was_spoken_of(ask: Ask) -> None:
    for question, words in (
        ("水道を使いたい", "電話でいい？"),
        ("夫の暴力を相談したい", "夜でもいい？"),
        ("国保に入りたい", "保険料は？"),
    ):
        before = ask(question, session=words)
        assert ask(words, session=words).contact == before.contact
