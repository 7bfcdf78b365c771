"""Promises of articles that are asked for by number: that one whole and no other, a choice, or that there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from core.audience import Audience
from core.clock import now
from core.database import open_database
from core.settings import Settings
from dialogue.answer import Answer, Band
from dialogue.pipeline import Answerer
from dialogue.utterance import Utterance
from models.embedder import load_embedder
from retrieval.articles import Articles, reference
from retrieval.entry import Entry
from retrieval.given import Options
from retrieval.knowledge import Knowledge
from retrieval.revisions import Revisions

KB = "test"
LONG = "".join(f"\n({n}) {'事項' * 30}{n}" for n in range(1, 31))
CONTRACTS = f"""○見本市契約規則
目次
第1章　総則（第1条―第6条）
附則
第1章　総則
（趣旨）
第1条　この規則は、契約について定める。
（見積書）
第2条　2人以上の者から見積書を徴する。
2　前項の規定は、次の各号のいずれかに該当する場合には適用しない。
(1)　次条の場合
(2)　災害の場合
3　前2項のほか、市長が定める。
（見積書の省略）
第2条の2　別表第1の額にかかわらず、3万円未満のときは、見積書を省略することができる。
第3条から第5条まで　削除
（契約書）
第6条　契約書には、次に掲げる事項を記載する。{LONG}
附　則
この規則は、平成17年7月1日から施行する。
別表第1（第2条関係）
工事　200万円
"""
FINANCE = """見本市財務規則
（趣旨）
第1条　この規則は、財務について定める。
（督促）
第2条　納期限後20日以内に督促状を発する。
附　則
1　この規則は、平成17年7月1日から施行する。
2　次に掲げる規則は、廃止する。
一　旧財務規則
二　旧会計規則
"""
HOUSES = """見本市空家等対策の推進に関する条例
（責務）
第1条　所有者は、空家を適切に管理する。
（調査）
第2条　職員は、空家に立ち入ることができる。
"""
GRANTS = """見本市補助金交付要綱
（趣旨）
第11条　この要綱は、補助金について定める。
（申請の手続）
第12条　補助金の申請の手続は、申請書を窓口へ提出するものとする。
附　則
この要綱は、平成29年4月1日から施行し、令和2年3月31日限り、その効力を失う。
"""
Ask = Callable[..., Answer]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("articles")


@pytest.fixture(scope="module")
def knowledge_of_rules(home: Path, model_settings: Settings) -> Iterator[Knowledge]:
    engine = open_database(Settings(home=home))
    knowledge = Knowledge(engine, home / "indexes", load_embedder(model_settings))
    for name, text, audience in (
        ("contracts.txt", CONTRACTS, Audience.STAFF),
        ("finance.txt", FINANCE, Audience.STAFF),
        ("houses.txt", HOUSES, Audience.RESIDENT),
        ("grants.txt", GRANTS, Audience.RESIDENT),
    ):
        (home / name).write_text(text, "utf-8")
        knowledge.import_file(home / name, KB, options=Options(audience=audience))
    knowledge.build(KB, lambda *_: None)
    yield knowledge
    engine.dispose()


@pytest.fixture(scope="module")
def ask(home: Path, knowledge_of_rules: Knowledge) -> Ask:
    answerer = Answerer(knowledge_of_rules, Settings(home=home))

    def answer(text: str, audience: Audience = Audience.STAFF, session: str | None = None) -> Answer:
        return answerer.answer(Utterance(text=text, audience=audience, kb=KB, session=session))

    return answer


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("契約規則第2条は？", "見本市契約規則 第2条"),
        ("契約規則の２条を教えてください", "見本市契約規則 第2条"),
        ("見本市契約規則第2条第2項の内容", "見本市契約規則 第2条第2項"),
        ("契約規則第二条の二", "見本市契約規則 第2条の2"),
        ("2条の2", "見本市契約規則 第2条の2"),
        ("契約規則第4条には何が書いてありますか", "見本市契約規則 第3条から第5条まで"),
        ("契約規則 別表1", "見本市契約規則 別表第1"),
        ("契約規則の附則は", "見本市契約規則 附則"),
        ("契約規則の施行日はいつですか", "見本市契約規則 附則"),
        ("契約規則はいつ改正", "見本市契約規則 附則"),
        ("契約規則が最後に改正された日", "見本市契約規則 附則"),
        ("財務規則2条", "見本市財務規則 第2条"),
        ("ざいむ規則2条", "見本市財務規則 第2条"),
        ("けいやくきそく2条", "見本市契約規則 第2条"),
        ("空き家条例の第2条を見せて", "見本市空家等対策の推進に関する条例 第2条"),
    ],
)
def test_who_says_a_number_gets_that_article_and_no_other(ask: Ask, text: str, cited: str) -> None:
    answer = ask(text)
    assert (answer.band, [c.source_title for c in answer.citations]) == (Band.ANSWER, [cited])


@pytest.mark.parametrize(
    ("text", "part", "cited"),
    [
        ("契約規則第2条第1項", "第2条 2人以上の者から見積書を徴する。", "見本市契約規則 第2条第1項"),
        ("契約規則第2条第3項は", "3 前2項のほか、市長が定める。", "見本市契約規則 第2条第3項"),
        ("契約規則第2条第2項第2号", "(2) 災害の場合", "見本市契約規則 第2条第2項第2号"),
        ("契約規則第6条30号", f"(30) {'事項' * 30}30", "見本市契約規則 第6条第30号"),
        ("財務規則附則第2項第2号", "二 旧会計規則", "見本市財務規則 附則第2項第2号"),
    ],
)
def test_the_paragraph_or_item_that_is_asked_for_stands_before_its_article_and_is_cited(
    ask: Ask, text: str, part: str, cited: str
) -> None:
    answer = ask(text)
    assert [c.source_title for c in answer.citations] == [cited]
    rule, article = next(a for a in (("契約規則", "第2条"), ("契約規則", "第6条"), ("財務規則", "附則")) if "".join(a) in text)
    whole = ask(rule + article).text
    assert answer.text == f"【{cited.partition(' ')[2]}】\n{part}\n\n【{article}の全文】\n{whole}"


def test_a_paragraph_that_an_article_lacks_is_said_to_be_missing_and_the_article_quoted(ask: Ask) -> None:
    answer = ask("契約規則第2条第4項")
    assert answer.text == "第2条に、第4項は見当たりません。全文でお確かめください。\n\n" + ask("契約規則第2条").text
    assert [c.source_title for c in answer.citations] == ["見本市契約規則 第2条"]


def test_a_long_article_is_quoted_whole_and_each_of_its_lines_once(ask: Ask) -> None:
    assert ask("契約規則第6条").text == f"第6条 契約書には、次に掲げる事項を記載する。{LONG}"


def test_an_article_that_several_rules_have_is_a_choice(ask: Ask) -> None:
    answer = ask("第1条")
    assert answer.band is Band.CLARIFY
    assert [s.question.split()[0] for s in answer.suggestions] == [
        "見本市契約規則",
        "見本市財務規則",
        "見本市空家等対策の推進に関する条例",
    ]


def test_an_article_that_a_rule_lacks_is_said_to_be_missing(ask: Ask) -> None:
    answer = ask("契約規則第99条")
    assert (answer.band, answer.citations) == (Band.HANDOFF, ())
    assert "「見本市契約規則」に、第99条は見つかりません。" in answer.text


def test_a_rule_that_nobody_imported_is_said_to_be_missing_and_one_of_a_like_name_only_offered(ask: Ask) -> None:
    answer = ask("契約事務規則第2条")
    assert (answer.band, answer.citations) == (Band.HANDOFF, ())
    assert "「契約事務規則」という名前の文書は、ご案内できる文書の中に見つかりません。" in answer.text
    assert [s.question for s in answer.suggestions] == ["見本市契約規則 第2条（見積書）"]


def test_a_name_in_hiragana_is_not_just_any_rule_of_its_kind(ask: Ask) -> None:
    answer = ask("まちづくり条例第1条")
    assert (answer.band, answer.citations) == (Band.HANDOFF, ())
    assert "「まちづくり条例」という名前の文書は、ご案内できる文書の中に見つかりません。" in answer.text


def test_a_kind_alone_is_the_name_of_no_rule_but_asks_of_all_of_it(ask: Ask) -> None:
    answer = ask("規則の第1条")
    assert answer.band is Band.CLARIFY
    assert [s.question.split()[0] for s in answer.suggestions] == ["見本市契約規則", "見本市財務規則"]


def test_a_rule_of_that_name_but_another_kind_is_offered(ask: Ask) -> None:
    answer = ask("契約規程第2条")
    assert (answer.band, answer.citations) == (Band.HANDOFF, ())
    assert [s.question for s in answer.suggestions] == ["見本市契約規則 第2条（見積書）"]


@pytest.mark.parametrize(
    ("text", "offered"),
    [("契約規則第2条", "見本市契約規則 第2条の2（見積書の省略）"), ("契約規則2条の2", "見本市契約規則 別表第1（第2条関係）")],
)
def test_staff_are_offered_what_an_article_refers_to_of_its_own_rule(ask: Ask, text: str, offered: str) -> None:
    assert [s.question for s in ask(text).suggestions] == [offered]


def test_what_is_said_of_another_rule_s_articles_is_not_taken_for_its_own() -> None:
    said = "法第3条、第4条及び第5条、地方自治法（昭和22年法律第67号）第2条並びに条例別表第1による。第7条、第8条及び前条を除く。"
    names = ("第2条", "第3条", "第4条", "第5条", "第6条", "第7条", "第8条", "別表第1")
    entries = [Entry(id=f"doc:r.txt:{name}", question=f"規則 {name}", answer=said) for name in names]
    assert [e.id.rpartition(":")[2] for e in Articles(entries).referred("doc:r.txt:第6条")] == ["第7条", "第8条", "第5条"]


def test_an_article_is_cited_with_the_day_on_which_its_rule_came_into_force(ask: Ask) -> None:
    assert [c.in_force for c in ask("契約規則第1条").citations] == ["平成17年7月1日施行"]
    assert [c.in_force for c in ask("空き家条例第1条").citations] == [None]


@pytest.mark.parametrize("text", ["見本市補助金交付要綱 第12条（申請の手続）", "補助金要綱第12条"])
def test_what_is_quoted_of_a_rule_that_has_lapsed_begins_with_that(ask: Ask, text: str) -> None:
    answer = ask(text, Audience.RESIDENT)
    assert (answer.band, answer.text) == (
        Band.ANSWER,
        "この文書は、令和2年3月31日限りで効力を失っています。\n\n第12条 補助金の申請の手続は、申請書を窓口へ提出するものとする。",
    )


def test_a_few_words_more_ask_for_another_article_of_the_same_rule(ask: Ask) -> None:
    assert ask("財務規則第1条は", session="a").citations
    assert [c.source_title for c in ask("第2条は", session="a").citations] == ["見本市財務規則 第2条"]
    assert [c.source_title for c in ask("施行日は", session="a").citations] == ["見本市財務規則 附則"]
    assert [c.source_title for c in ask("その規則の1条", session="a").citations] == ["見本市財務規則 第1条"]


def test_versions_of_a_rule_under_two_names_are_told_apart(
    ask: Ask, tmp_path: Path, home: Path, knowledge_of_rules: Knowledge
) -> None:
    newer = tmp_path / "finance-2026.txt"
    newer.write_text(FINANCE.replace("20日", "10日"), "utf-8")
    report = knowledge_of_rules.import_file(newer, KB)
    knowledge_of_rules.build(KB, lambda *_: None)
    try:
        assert report.namesakes == ("finance.txt",)
        answer = ask("財務規則第2条")
        assert answer.band is Band.CLARIFY
        assert [s.question for s in answer.suggestions] == [
            "見本市財務規則 第2条（督促）（finance.txt）",
            "見本市財務規則 第2条（督促）（finance-2026.txt）",
        ]
    finally:
        engine = open_database(Settings(home=home))
        for entry_id in knowledge_of_rules.repository.of_document(KB, newer.name):
            Revisions(engine).retire(KB, entry_id, by="佐藤", at=now())
        engine.dispose()
        knowledge_of_rules.build(KB, lambda *_: None)
    assert "20日" in ask("財務規則第2条").text


def test_staff_are_named_the_passages_that_may_say_more_and_residents_are_not(ask: Ask) -> None:
    text = "督促状は納期限の後いつまでに発するのか、その件について知りたい人がいる"
    answer = ask(text)
    near = [*(c.entry_id for c in answer.citations), *(s.entry_id for s in answer.suggestions)]
    assert "doc:finance.txt:第2条" in near
    assert not any("finance" in s.entry_id for s in ask(text, Audience.RESIDENT).suggestions)


def test_staff_who_get_no_answer_are_sent_to_the_passages_that_are_near_before_a_counter(ask: Ask) -> None:
    text = "空家の見回り当番"
    answer, resident = ask(text), ask(text, Audience.RESIDENT)
    assert (answer.band, resident.band) == (Band.HANDOFF, Band.HANDOFF)
    assert answer.text.startswith("はっきりした回答は見つかりませんでした。関係のありそうな文書の箇所を確かめて")
    assert {s.question.split()[0] for s in answer.suggestions} == {"見本市空家等対策の推進に関する条例"}
    assert resident.text.startswith("申し訳ありません。") and resident.suggestions == ()


def test_residents_get_no_article_of_a_rule_for_staff_nor_learn_that_there_is_one(ask: Ask) -> None:
    for text in ("契約規則第2条", "2条の2", "契約事務規則第2条", "第1条", "契約規則別表第1"):
        answer = ask(text, Audience.RESIDENT)
        told = [answer.text, *(c.entry_id for c in answer.citations), *(s.entry_id for s in answer.suggestions)]
        assert not any("見本市契約" in t or "contracts" in t or "finance" in t for t in told), text
    assert "見つかりません" in ask("契約規則第2条", Audience.RESIDENT).text


@pytest.mark.parametrize(
    "text",
    ["地方自治法第234条は", "2条通りはどこ", "契約規則第2条で見積書は何社から", "三条市に引っ越す", "契約規則の改正の手続き"],
)
def test_what_asks_for_something_else_is_searched(text: str) -> None:
    found = reference(text)
    assert found is None or not found.names_a_rule


def test_a_remark_behind_a_title_need_not_be_said() -> None:
    def article(title: str) -> Entry:
        return Entry(
            id=f"doc:{title}.md:第5条", question=f"{title} 第5条", answer="第5条 定める。", source_title=f"{title} 第5条"
        )

    articles = Articles(map(article, ("滞納整理内部基準（税務課限り）", "見本市地域防災計画（案）", "会計の手順（写し）")))
    for said, title in (("滞納整理基準", "滞納整理内部基準（税務課限り）"), ("防災計画", "見本市地域防災計画（案）")):
        assert [rule.title for rule in articles.rules(said, lambda _: True)] == [title]


INQUIRY = """内部調査規則
第1条　調査をする。
附　則
1　この規則は、平成30年4月1日から施行する。
2　見本市補助金交付要綱（平成29年要綱第1号）は、廃止する。
"""


def test_a_rule_that_only_an_older_index_shows_to_residents_is_not_even_named(model_settings: Settings, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    engine = open_database(settings)
    times = count()
    clock = lambda: now() + timedelta(seconds=next(times))  # noqa: E731
    knowledge = Knowledge(engine, tmp_path / "indexes", load_embedder(model_settings), clock=clock)
    answerer = Answerer(knowledge, settings)
    (tmp_path / "grants.txt").write_text(GRANTS.replace("、令和2年3月31日限り、その効力を失う", "する"), "utf-8")
    (tmp_path / "inquiry.txt").write_text(INQUIRY, "utf-8")
    knowledge.import_file(tmp_path / "grants.txt", KB, options=Options(audience=Audience.RESIDENT))
    asked = ("調査規則第9条", "学校調査規則第1条", "補助金要綱第12条")

    def told() -> list[str]:
        answers = [answerer.answer(Utterance(text=text, audience=Audience.RESIDENT, kb=KB)) for text in asked]
        return [f"{a.text}{a.suggestions}{a.citations}" for a in answers]

    for audience in (Audience.RESIDENT, Audience.STAFF):
        knowledge.import_file(tmp_path / "inquiry.txt", KB, options=Options(audience=audience))
        knowledge.build(KB, lambda *_: None)
        named = ["内部調査規則" in text for text in told()]
        assert named == [audience is Audience.RESIDENT] * 3
    knowledge.roll_back(KB)
    assert not any("内部調査規則" in text for text in told())
    engine.dispose()
