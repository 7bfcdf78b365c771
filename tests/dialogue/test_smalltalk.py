"""Promises about what is no question to the city hall: danger is never missed, and a question is never taken for chatter."""

from __future__ import annotations

import pytest

from dialogue.answer import Act
from dialogue.smalltalk import reply_to
from dialogue.wording import read_wording

EMERGENCIES = [
    "火事です", "家が燃えています", "隣の家が燃えてる", "煙が出ています", "救急車を呼んで", "救急車お願いします",
    "おじいちゃんが倒れた",
    "人が倒れています", "母の意識がありません", "息をしていない", "交通事故です", "車にはねられました", "泥棒に入られた",
    "子どもが溺れた",
    "血が止まらない", "助けて", "119番して", "110番お願いします", "死にたい", "刺された",
    "火事です、ごみが燃えています", "ごみ置き場が火事です", "家が火事です。保険証も燃えました", "隣が火事だ",
]  # fmt: skip

AFTERWARDS = [
    "火事にあったときの罹災証明書の申請", "火事の後片付けのごみはどうすればいいですか", "火災保険に入りたい",
    "119番の通報訓練をしたい",
    "救急車を呼ぶと料金はいくらですか", "交通事故にあったときの国民健康保険の手続き", "空き巣の予防対策", "消防の火事の予防",
    "火事だったので罹災証明書がほしい", "隣の野焼きの煙が出て困っています", "公用車で事故を起こしたときの対応", "燃えるごみの日",
    "地震のときはどうしたらいいですか", "心臓の障害者手帳の申請",
]  # fmt: skip

GREETINGS = [
    "こんにちは",
    "こんばんは。",
    "おはようございます",
    "もしもし",
    "はじめまして",
    "こんにちわー",
    "Hello",
    "よろしくお願いします",
]
THANKS = [
    "ありがとう",
    "ありがとうございました。",
    "助かりました",
    "どうもありがとう",
    "分かりました、ありがとう",
    "さようなら",
    "ありがとうございもした",
    "オッケー",
    "じゃあまたね",
]
HOW_IT_WORKS = [
    "使い方",
    "使い方を教えてください",
    "ヘルプ",
    "何ができますか",
    "ここでは何が聞けるの？",
    "どうやって使うの",
    "何を聞けばいいですか",
    "この画面の使い方",
    "これはどう使うの",
]
GREETED_QUESTIONS = [
    "こんにちは、住民票がほしいです", "おはようございます。粗大ごみの出し方を教えてください",
    "もしもし、税金の相談をしたいのですが",
    "はじめまして。引っ越してきました", "ありがとう。あと印鑑登録は？",
    "美容院を開業したい", "隣の犬の鳴き声がうるさい", "年金は何歳からもらえますか", "サッカー場の予約をしたい",
    "子どもの名前は何文字まで", "彼氏に暴力をふるわれた", "給食の献立", "宝くじの助成", "定額小為替はどこで買えますか",
    "ラーメンのスープはどう捨てる", "雨が降ると側溝があふれる", "友達とけんかしてけがをした",
    "子どもの宿題を見てくれるところ", "宿題を教えてくれる教室", "ラーメン屋を始めたい", "スマホの使い方の教室", "疲れた",
    "AEDの使い方", "ホームヘルプ", "ヘルプマークがほしい", "市民課では何ができますか", "給付金は何に使える",
    "あなたの所ばかり電話がつながらない", "夕食は何が食べられますか、介護施設で",
]  # fmt: skip
CHATTER = [
    "今日の天気は？",
    "歌を歌って",
    "あなたは誰ですか",
    "おすすめのラーメン屋は",
    "しりとりしよう",
    "株価はいくら",
    "宿題を手伝ってくれる？",
    "何歳ですか",
]


def act(text: str) -> Act | None:
    reply = reply_to(text, "曽於市")
    return reply.act if reply else None


@pytest.mark.parametrize("text", EMERGENCIES)
def test_an_emergency_gets_the_number_to_call(text: str) -> None:
    reply = reply_to(text, "曽於市")
    assert reply is not None
    assert reply.act is Act.EMERGENCY
    assert "119番" in reply.text


def test_who_wants_to_die_gets_somebody_to_talk_to() -> None:
    reply = reply_to("もう死にたいです", "曽於市")
    assert reply is not None
    assert "0120-061-338" in reply.text


@pytest.mark.parametrize("text", AFTERWARDS)
def test_what_is_asked_after_the_event_is_a_question(text: str) -> None:
    assert act(text) is None


@pytest.mark.parametrize("text", HOW_IT_WORKS)
def test_who_asks_how_it_works_gets_examples(text: str) -> None:
    reply = reply_to(text, "曽於市")
    assert reply
    assert (reply.act, "たとえば" in reply.text) == (Act.GREETING, True)


def test_who_goes_on_from_what_was_told_asks_how_that_is_used() -> None:
    asked = ("どうやって使うの", "何ができますか", "使い方は", "ここでは何が聞けるの？", "この画面の使い方")
    assert [reply_to(text, "曽於市", goes_on=True) is None for text in asked] == [True, True, True, False, False]


@pytest.mark.parametrize("text", GREETINGS)
def test_a_greeting_is_greeted(text: str) -> None:
    assert act(text) is Act.GREETING


@pytest.mark.parametrize("text", THANKS)
def test_thanks_are_taken(text: str) -> None:
    assert act(text) is Act.THANKS


@pytest.mark.parametrize("text", GREETED_QUESTIONS)
def test_a_greeting_with_a_question_behind_it_is_a_question(text: str) -> None:
    assert act(text) is None


@pytest.mark.parametrize("text", CHATTER)
def test_chatter_is_turned_down(text: str) -> None:
    assert act(text) is Act.CHATTER


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("greeting", Act.GREETING), ("thanks", Act.THANKS), ("chatter", Act.CHATTER), ("how", Act.GREETING),
        ("how_of_it", Act.GREETING),
    ],
)  # fmt: skip
def test_each_rule_of_the_table_sees_its_own_examples(kind: str, told: Act) -> None:
    examples = [text for rule in read_wording("smalltalk")[kind] for text in rule["eg"]]
    assert {text: act(text) for text in examples} == dict.fromkeys(examples, told)


def test_the_city_is_called_by_its_name() -> None:
    reply = reply_to("こんにちは", "見本市")
    assert reply is not None
    assert "見本市" in reply.text


@pytest.mark.parametrize("text", ["あなたは人間ですか", "あんたは人間け", "あなたはロボット？"])
def test_who_asks_who_answers_is_told_that_it_is_a_machine(text: str) -> None:
    reply = reply_to(text, "曽於市")
    assert reply is not None
    assert "人ではなく" in reply.text


@pytest.mark.parametrize(
    "text", ["そちらは人間ドックの補助はありますか", "そちらは人権相談を受け付けていますか", "そちらは機械で証明書が取れますか"]
)
def test_who_asks_for_something_at_the_city_is_not_told_who_answers(text: str) -> None:
    assert reply_to(text, "曽於市") is None
