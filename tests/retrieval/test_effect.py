"""Promises of what documents say of their being in force: by their supplements, in their own words, and no more than they say."""

from __future__ import annotations

import time
from datetime import date

import pytest

from retrieval.documents.block import Block, tidy
from retrieval.documents.passages import split
from retrieval.effect import Effect, effects_of, said_by
from retrieval.entry import Entry

TODAY = date(2026, 11, 28)
HEAD = "見本市{}\n平成17年7月1日\n規則第45号\n（趣旨）\n第1条　この規則は、見本である。\n"


def passages(name: str, title: str, text: str) -> list[Entry]:
    """The entries of a rule with this supplement, as an import makes them."""
    blocks = [Block(text=tidy(line)) for line in (HEAD.format(title) + text).splitlines()]
    return [
        Entry(id=f"doc:{name}:{p.locator}", question=f"見本市{title} {p.heading}".strip(), answer=p.text) for p in split(blocks)
    ]


def effect(text: str) -> Effect:
    return effects_of(passages("a", "規則", text)).get("doc:a", Effect())


@pytest.mark.parametrize(
    ("supplement", "summary"),
    [
        ("附　則\nこの規則は、平成17年8月1日から施行する。", "平成17年8月1日施行"),
        ("附則\n（施行期日）\n１　この規則は、令和七年四月一日から施行する。", "令和七年四月一日施行"),
        ("附　則\nこの規則は、公布の日から施行する。", "平成17年7月1日施行"),
        (
            "附則\nこの規則は、令和元年5月1日から施行する。\n附　則（令和2年3月9日規則第2号）\nこの規則は、公布の日から施行する。"
            "\n附　則（令和3年3月1日規則第1号）\n（施行期日）\n第1条　この規則は、令和3年4月1日から施行する。",
            "令和元年5月1日施行、令和3年4月1日改正施行",
        ),
        (
            "附則\nこの要綱は、令和5年4月1日から施行し、令和9年3月31日限り、その効力を失う。",
            "令和5年4月1日施行、令和9年3月31日限り",
        ),
        ("附則\nこの規則は、令和5年4月1日から施行する。ただし、第3条の規定は、令和9年4月1日から施行する。", "令和5年4月1日施行"),
        ("附則\nこの規則は、法の施行の日から施行する。", None),
        ("附則\nこの規則は、令和5年13月1日から施行する。", None),
    ],
)
def test_a_document_is_in_force_since_the_day_that_its_supplement_names(supplement: str, summary: str | None) -> None:
    assert effect(supplement).summary == summary


@pytest.mark.parametrize(
    ("supplement", "warning"),
    [
        ("附則\nこの規則は、令和5年4月1日から施行する。", None),
        (
            "附則\nこの規則は、令和9年4月1日から施行する。",
            "この文書は、令和9年4月1日から施行されます。今はまだ施行されていません。",
        ),
        (
            "附則\nこの規則は、令和5年4月1日から施行する。\n附則（令和8年9月1日規則第5号）\nこの規則は、令和9年4月1日から施行する。",
            "この文書には、令和9年4月1日から施行される改正が入っています。",
        ),
        (
            "附則\nこの要綱は、令和5年4月1日から施行し、令和8年3月31日限り、その効力を失う。",
            "この文書は、令和8年3月31日限りで効力を失っています。",
        ),
        ("附則\nこの要綱は、令和5年4月1日から施行し、令和8年11月28日限り、その効力を失う。", None),
    ],
)
def test_what_is_not_in_force_is_told_of_and_what_is_needs_no_warning(supplement: str, warning: str | None) -> None:
    assert effect(supplement).warning(TODAY) == warning


@pytest.mark.parametrize(
    ("begins", "warning"),
    [
        ("令和7年4月1日", "この文書は、「見本市財務規則」により廃止されています。"),
        ("令和9年4月1日", "この文書は、「見本市財務規則」により、令和9年4月1日に廃止されます。"),
    ],
)
@pytest.mark.parametrize(
    "repeals",
    [
        "2　見本市会計規則（昭和60年規則第3号）は、廃止する。",
        "2　次に掲げる規則は、廃止する。\n(1)　見本市用品規則（昭和61年規則第1号）\n(2)　見本市会計規則（昭和60年規則第3号）",
    ],
)
def test_a_rule_that_another_one_repeals_says_so(begins: str, warning: str, repeals: str) -> None:
    older = passages("old", "会計規則", "附則\nこの規則は、平成18年4月1日から施行する。")
    newer = passages("new", "財務規則", f"附　則\n1　この規則は、{begins}から施行する。\n{repeals}")
    found = effects_of([*newer, *older])
    assert found["doc:old"].warning(TODAY) == warning
    assert found["doc:new"].repealed_by is None


def test_a_rule_of_the_same_name_as_one_that_it_repeals_is_in_force() -> None:
    text = "附則\n1　この規則は、平成30年4月1日から施行する。\n2　見本市規則（昭和60年規則第3号）は、廃止する。"
    assert effect(text).warning(TODAY) is None


@pytest.mark.timed
@pytest.mark.parametrize(
    "trap", ["この" * 20_000, "（" * 40_000, "あ" * 40_000 + "（", "平成" * 20_000, "次に掲げる規則は、廃止する。\n" * 60]
)
def test_a_supplement_that_is_a_trap_takes_no_time(trap: str) -> None:
    begun = time.perf_counter()
    effects_of([Entry(id="doc:a:附則", question="a 附則", answer=trap)])
    assert time.perf_counter() - begun < 1


AMENDMENT = (
    "見本市{0}の一部を改正する{0}\n令和8年3月27日\n規則第31号\n見本市{0}（平成17年規則第45号）の一部を次のように改正する。\n"
    "第1条中「見本」を「手本」に改める。\n附　則\nこの規則は、令和{1}年4月1日から施行する。"
)
OWN = "附　則\nこの規則は、平成17年8月1日から施行する。"


def amended(text: str, year: int, *changes: str) -> Effect:
    """Of a rule, beside which stand one or more that change it."""
    title = "見本市規則の一部を改正する規則"
    every = [*passages("a", "規則", text), *passages("copy", "規則", text)]
    for key, change in enumerate(changes or [AMENDMENT.format("規則", year)]):
        said = split([Block(text=tidy(line)) for line in change.splitlines()])
        every += [Entry(id=f"doc:{key}:{p.locator}", question=f"{title} {p.heading}".strip(), answer=p.text) for p in said]
    assert effects_of(e for held in said_by(every).values() for e in held) == effects_of(every)
    assert effects_of(every)["doc:a"] == effects_of(every)["doc:copy"]
    return effects_of(every)["doc:a"]


@pytest.mark.parametrize(
    ("year", "said"),
    [
        (8, "「見本市規則の一部を改正する規則」により一部が改められています"),
        (9, "「見本市規則の一部を改正する規則」により、令和9年4月1日から一部が改められます"),
    ],
)
def test_who_reads_a_rule_is_told_of_the_one_that_changes_it(year: int, said: str) -> None:
    assert amended(OWN, year).warning(TODAY) == f"この文書は、{said}。改められる前の内容のため、その文書も確かめてください。"


WORKED_IN = OWN + "\n附　則（{}）\nこの規則は、令和8年4月1日から施行する。"


@pytest.mark.parametrize("by", ["令和８年３月２７日規則第３１号", "令和8年規則第31号", "令和八年三月二七日規則第三一号"])
def test_a_rule_that_was_written_anew_with_its_change_is_told_without_a_warning(by: str) -> None:
    assert amended(WORKED_IN.format(by), 8).warning(TODAY) is None


def test_a_change_that_does_not_say_its_own_number_is_known_by_its_day() -> None:
    """The number that it does say is of the rule that it changes."""
    change = AMENDMENT.format("規則", 8).replace("令和8年3月27日\n規則第31号\n", "")
    assert amended(WORKED_IN.format("令和8年3月27日規則第31号"), 8, change).warning(TODAY) is None


def test_a_rule_that_is_younger_than_a_change_has_nothing_of_it() -> None:
    assert amended("附　則\nこの規則は、令和8年10月1日から施行する。", 8).amended_by == ()


def test_who_only_cites_a_change_changes_nothing() -> None:
    cites = (
        "見本市規則（平成17年規則第45号）の一部を改正する規則の施行に伴い、取り扱う。\n附　則\nこの要領は、公布の日から施行する。"
    )
    assert amended(OWN, 8, cites).amended_by == ()


def test_two_changes_of_one_title_are_told_once() -> None:
    before = AMENDMENT.format("規則", 8).replace("令和8年", "令和7年")
    effect = amended(OWN, 8, AMENDMENT.format("規則", 8), before)
    assert len(effect.amended_by) == 2
    assert effect.warning(TODAY) == amended(OWN, 8).warning(TODAY)
    assert str(effect.summary).count("改正する規則") == 1
