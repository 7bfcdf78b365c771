"""Promises of a city's own words: what it says is the same is found as the same, from the next build on, and nothing else is."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from kb_kit import NOON, Opened

from core.audience import Audience
from core.settings import CHECKOUT
from retrieval.exporting import export_all
from retrieval.synonyms import SHIPPED, groups_of, shipped, wording_of
from retrieval.wording import Wording

SAMPLE = CHECKOUT / "samples" / "soo" / "synonyms.csv"
FAQ = """id,question,answer
a,防災行政無線が聞こえないときは、どうすればよいですか。,危機管理監へご連絡ください。戸別受信機を貸し出しています。
b,図書館の本を借りるには、どうすればよいですか。,利用登録をしてください。
c,市営住宅に入るには、どうすればよいですか。,建設課へお申し込みください。
"""


@pytest.mark.parametrize("group", shipped().groups)
def test_the_words_of_a_group_are_one_alone_and_in_a_sentence(group: tuple[str, ...]) -> None:
    assert len({shipped().lemmas(word) for word in group}) == 1
    assert len({shipped().lemmas(f"{word}について") for word in group}) == 1


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("マイナで受診", "個人番号で受診", True),
        ("マイナカードを無くした", "個人番号カードを紛失した", True),
        ("塵芥処理", "ごみ処理", True),
        ("ゴミ袋", "ごみ袋", True),
        ("マイナスになる", "マイナンバーになる", False),
        ("自転車", "自動車", False),
        ("車いす", "自動車いす", False),
        ("会社をやめた", "会社を退職した", True),
        ("水道を止めたい", "水道を退職したい", False),
        ("引越したい", "引っ越したい", True),
    ],
)
def test_a_synonym_is_a_word_and_no_part_of_a_longer_one(one: str, other: str, same: bool) -> None:
    assert (shipped().lemmas(one) == shipped().lemmas(other)) is same


def test_the_longest_word_counts() -> None:
    wording = Wording([("ごみ", "塵芥"), ("清掃工場", "ごみ処理場")])
    assert wording.lemmas("ごみ処理場") == wording.lemmas("清掃工場") == ("清掃", "工場")


def test_a_group_may_have_words_of_another_and_even_in_a_circle() -> None:
    wording = Wording([("甘藷の畑", "いも畑"), ("甘藷", "さつまいも"), ("鶏", "卵の親"), ("卵", "鶏の子")])
    assert wording.lemmas("いも畑") == wording.lemmas("さつまいもの畑")
    assert wording.lemmas("卵の親") == wording.lemmas("鶏")


def test_a_term_is_read_as_the_city_reads_it() -> None:
    wording = Wording((), {"弥五郎伝説の里": "やごろうでんせつのさと", "枦原": "はぜはら"})
    assert ("枦原", "はぜはら") in wording.words("枦原の公民館")
    assert "ぜは" in wording.kana_grams("枦原")
    assert Wording.from_json(wording.to_json()) == wording


def test_the_sample_city_has_the_words_that_ship() -> None:
    assert SAMPLE.read_text("utf-8").startswith(SHIPPED.read_text("utf-8"))


def test_an_edited_table_counts_from_the_next_build_for_both_audiences(opened: Opened, tmp_path: Path) -> None:
    seconds = count()
    knowledge = opened(clock=lambda: NOON + timedelta(seconds=next(seconds)))
    (tmp_path / "faq.csv").write_text(FAQ, "utf-8")
    (tmp_path / "synonyms.csv").write_text("表記,同義語\n防災行政無線,ピンポン放送\n", "utf-8")
    knowledge.import_file(tmp_path / "faq.csv", "k")
    knowledge.build("k", lambda *_: None)
    before = knowledge.search("ピンポン放送", "k", audience=Audience.RESIDENT).hits
    assert max(h.evidence.question_coverage for h in before) == 0.0
    assert knowledge.import_file(tmp_path / "synonyms.csv", "k").kind == "synonyms"
    knowledge.build("k", lambda *_: None)
    for audience in Audience:
        hit = knowledge.search("ピンポン放送", "k", audience=audience).hits[0]
        assert (hit.entry.id, hit.evidence.question_coverage) == ("a", 1.0)


def test_rows_that_contradict_each_other_are_refused_with_the_reason(opened: Opened, tmp_path: Path) -> None:
    knowledge = opened()
    rows = "ごみ,塵芥\n廃棄物,ゴミ|塵芥\n粗大ごみ,\n,大型ごみ\n場合,とき\n病院,病院\n診療所,クリニック\n"
    (tmp_path / "synonyms.csv").write_text(f"表記,同義語\n{rows}", "utf-8")
    done = knowledge.import_file(tmp_path / "synonyms.csv", "k").report
    assert [(r.row, r.reason) for r in done.refused] == [
        (3, "「塵芥」は 2行目にもあります"),
        (4, "同義語 が空です"),
        (5, "表記 が空です"),
        (6, "「場合、とき」は、どの質問にもあるような言葉です"),
        (7, "同義語がありません"),
    ]
    assert wording_of(knowledge.repository, "k").groups == (("ごみ", "塵芥"), ("診療所", "クリニック"))


def test_an_export_gives_the_table_back(opened: Opened, tmp_path: Path) -> None:
    knowledge = opened()
    knowledge.import_file(SAMPLE, "k")
    export_all(knowledge.repository, "k", tmp_path / "out")
    assert (tmp_path / "out" / "synonyms.csv").read_text("utf-8") == SAMPLE.read_text("utf-8")
    rows = knowledge.repository.load_table("k", "synonyms")
    assert wording_of(knowledge.repository, "k").groups == Wording(groups_of(rows)).groups
