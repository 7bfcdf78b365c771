"""Promises of the search over the sample city: residents' own words find the entry, and only what they may read today."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from kb_kit import NOON, ROWS, Opened, write_csv

from core.audience import Audience
from retrieval.analysis import reading
from retrieval.entry import Entry
from retrieval.knowledge import Knowledge
from retrieval.version import VersionStore

ASKED = [
    ("先月こっちに引っ越してきたんだけど、役所で何をすればいい？", "moving-01"),
    ("来月県外に引っ越します", "moving-02"),
    ("転出証明書をどこかにやってしまった", "moving-08"),
    ("住民票がほしい", "registry-01"),
    ("赤ちゃんが生まれたらいつまでに届けるの", "registry-11"),
    ("入籍するときに出す紙は？", "registry-12"),
    ("おじいちゃんが亡くなったときの届け", "registry-14"),
    ("ハンコの登録がしたい", "registry-09"),
    ("マイナンバーカードを落とした", "mynumber-06"),
    ("マイナカードの暗証番号わからなくなった", "mynumber-04"),
    ("仕事を辞めたので国保に入りたい", "insurance-01"),
    ("国民年金が払えない", "insurance-12"),
    ("母の介護認定を受けたい", "care-01"),
    ("家に手すりを付けたい", "care-08"),
    ("児童手当っていくらもらえるの", "childcare-01"),
    ("保育園の申し込み方法", "childcare-05"),
    ("妊娠したので母子手帳がほしい", "childcare-11"),
    ("スズメバチの巣を取ってほしい", "garbage-12"),
    ("水道の水が茶色い", "water-07"),
    ("避難するとき犬も一緒に行ける？", "disaster-13"),
    ("市営住宅に入りたい", "housing-01"),
    ("家の前の道路に穴があいている", "housing-06"),
    ("畑にイノシシが出て困る", "farming-04"),
    ("期日前投票はどこでできる", "life-09"),
]


def ids(knowledge: Knowledge, text: str, top: int = 3, audience: Audience = Audience.RESIDENT) -> list[str]:
    return [h.entry.id for h in knowledge.search(text, "soo", audience=audience, top=top).hits]


@pytest.mark.parametrize(("text", "entry"), ASKED, ids=[e for _, e in ASKED])
def test_a_question_in_residents_own_words_finds_its_entry_among_the_first_three(
    knowledge: Knowledge, text: str, entry: str
) -> None:
    assert entry in ids(knowledge, text)


def test_every_entry_is_found_by_its_own_question_first(knowledge: Knowledge) -> None:
    for audience in Audience:
        for entry in knowledge.version("soo", audience).index.entries[::7]:
            found = knowledge.search(entry.question, "soo", audience=audience)
            assert found.hits[0].entry.id == entry.id
            assert found.confidence >= found.answer_from


@pytest.mark.parametrize("text", ["", "。", "？？？", "a", "🐕🐕🐕", "あ" * 500, "SELECT * FROM entries; --", "\x00\x01"])
def test_any_text_can_be_searched(knowledge: Knowledge, text: str) -> None:
    found = knowledge.search(text, "soo", audience=Audience.RESIDENT)
    assert 0 <= found.confidence < 1


def test_hits_are_ordered_and_as_many_as_asked_for(knowledge: Knowledge) -> None:
    for top in (1, 2, 10):
        hits = knowledge.search("税金が高い", "soo", audience=Audience.RESIDENT, top=top).hits
        assert len(hits) == top
        assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)


def test_entries_of_the_past_and_the_future_are_not_found(opened: Opened, tmp_path: Path) -> None:
    days = [str((NOON + timedelta(days=d)).date()) for d in (-1, 0, 1)]
    rows = [
        ("past", "昔の手当の申請", "終わりました。", "", "", "", "", "", days[0]),
        ("future", "新しい手当の申請", "始まります。", "", "", "", "", days[2], ""),
        ("today", "今日だけの手当の申請", "今日です。", "", "", "", "", days[1], days[1]),
    ]
    knowledge = opened()
    knowledge.import_file(write_csv(tmp_path / "faq.csv", [*rows, *ROWS]), "soo")
    knowledge.build("soo", lambda *_: None)
    for audience in Audience:
        for text in ("昔の手当の申請", "新しい手当の申請", "手当"):
            found = ids(knowledge, text, 10, audience)
            assert "today" in found
            assert not {"past", "future"} & set(found)
    tomorrow = opened(lambda: NOON + timedelta(days=1))
    assert "future" in ids(tomorrow, "手当", 10)
    assert "today" not in ids(tomorrow, "手当", 10)


def test_the_files_of_the_residents_index_hold_no_byte_of_a_staff_entry(knowledge: Knowledge, sample_home: Path) -> None:
    staff = [e for e in knowledge.version("soo", Audience.STAFF).index.entries if e.audience is Audience.STAFF]
    assert len(staff) >= 40
    content = b"".join(p.read_bytes() for p in sorted((sample_home / "indexes" / "soo" / "resident").rglob("*")) if p.is_file())
    assert "住民票".encode() in content, "the files are not readable as text, so this test would see nothing"
    residents = VersionStore(sample_home / "indexes", "soo", Audience.RESIDENT).load()
    told_anyway = "\n".join(str(e.to_json()) for e in residents.index.entries)
    for entry in staff:
        assert f'"{entry.id}"'.encode() not in content
        texts = [t for t in (entry.question, *entry.answer.split("\n"), *entry.paraphrases) if t and t not in told_anyway]
        assert len(texts) >= 3
        assert not [t for t in texts if t.encode() in content], entry.id
    assert residents.manifest.entries == len(residents.index.entries)
    assert all(e.audience is Audience.RESIDENT for e in residents.index.entries)


def test_the_sample_city_covers_what_a_city_is_asked(knowledge: Knowledge) -> None:
    everything = knowledge.version("soo", Audience.STAFF).index.entries
    residents = knowledge.version("soo", Audience.RESIDENT).index.entries
    assert len(everything) >= 150
    assert len({e.category for e in residents}) >= 12
    assert all(len(e.paraphrases) >= 3 for e in everything)
    assert all(e.department for e in everything)


@pytest.mark.parametrize("text", ["住民票の写しがほしい", "介護認定の申請", "国民年金の免除", "婚姻届"])
def test_a_question_in_hiragana_finds_what_it_finds_in_kanji(knowledge: Knowledge, text: str) -> None:
    hiragana = reading(text)
    assert not any("一" <= c <= "龠" for c in hiragana)
    first = ids(knowledge, text)[0]
    assert first in ids(knowledge, hiragana)


def of_a_thing(thing: str) -> list[str]:
    """Three lines of an article, nearly two hundred characters together."""
    rule = "使うときは、あらかじめ課長の許可を受け、使った後は台帳に日付と氏名を書き、鍵を総務課に返さなければならない。"
    return [f"{thing}を{part}に{rule}" for part in ("午前", "午後", "夜間")]


def test_what_the_last_line_of_an_article_says_is_found_by_its_meaning(opened: Opened) -> None:
    """No word of the question is in it, and the article begins with hundreds of characters about something else."""
    things = "公用車 会議室 印刷機 倉庫 投影機 体育館 調理室 駐車場 掲示板 天幕 椅子 机".split()
    articles = [
        Entry(
            id=f"doc:規程.txt:第{i}条",
            question=f"職員の服務に関する規程 第{i}条（{thing}の使用等）",
            answer="\n".join(of_a_thing(thing) + ["妻が出産するときは、3日の休みを与える。"] * (thing == "調理室")),
        )
        for i, thing in enumerate(things, 1)
    ]
    knowledge = opened()
    knowledge.repository.save("kb", articles, NOON)
    knowledge.build("kb", lambda *_: None)
    found = knowledge.search("赤ちゃんが生まれるパパの休暇", "kb", audience=Audience.RESIDENT)
    assert "（調理室の使用等）" in found.hits[0].entry.question
