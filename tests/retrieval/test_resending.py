"""Promises of a document that is sent again: what is served is what its file says and people let be, whichever way it changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from kb_kit import NOON
from sqlalchemy.engine import Engine

from core.audience import Audience
from retrieval.given import Options
from retrieval.importing import FileReport, Importer
from retrieval.originals import Sent
from retrieval.repository import ImportReport, Repository
from retrieval.revisions import Revisions, State
from retrieval.sending import Sendings
from server.import_report import Told

KB = "test"
HEAD, FEE, CHAIR = "第1条　会議を開く。", "第2条　手数料は300円とする。", "第3条　会長を置く。"

Send = Callable[..., ImportReport]


@pytest.fixture
def clock() -> Callable[[], object]:
    seconds = count()
    return lambda: NOON + timedelta(seconds=next(seconds))


@pytest.fixture
def send(engine: Engine, tmp_path: Path, clock: Callable[..., object]) -> Send:
    """send(key, *lines, state=...) -> what became of the document of these lines, which always has the same name."""

    def sent(key: str, *lines: str, state: State = State.DRAFT, name: str = "r.md", overwrite: bool = False) -> ImportReport:
        (tmp_path / "file.md").write_text("\n\n".join(("# 会議規則", *lines)), "utf-8")
        options = Options(state=state, audience=Audience.RESIDENT, overwrite=overwrite, sent=Sent(key=key, by="佐藤"))
        return Importer(Repository(engine), KB, clock, options).take(tmp_path / "file.md", name).report  # type: ignore[arg-type]

    return sent


def served(engine: Engine) -> list[str]:
    return [i.rpartition(":")[2] for i in Repository(engine).of_document(KB, "r.md")]


def waiting(engine: Engine) -> list[str]:
    return [r.entry.id.rpartition(":")[2] for r in Revisions(engine).waiting(KB)]


def approve_all(engine: Engine) -> None:
    seen = {r.entry.id: r.number for r in Revisions(engine).waiting(KB)}
    Sendings(engine).approve(KB, seen, by="課長", at=NOON + timedelta(hours=1))


@pytest.mark.parametrize("edited", [False, True])
def test_an_article_that_was_gone_comes_back_with_a_draft_that_has_it_again(send: Send, engine: Engine, edited: bool) -> None:
    send("v1", HEAD, FEE, CHAIR, state=State.APPROVED)
    if edited:
        life, fee = Revisions(engine), "doc:r.md:第2条"
        corrected = life.last(KB, [fee])[fee].entry
        life.draft(KB, replace(corrected, answer="手数料は500円とする。"), by="田中", at=NOON)
        life.approve(KB, fee, by="田中", at=NOON)
    send("v2", HEAD, CHAIR, state=State.APPROVED)
    assert served(engine) == ["第1条", "第3条"]
    report = send("v3", HEAD, FEE, CHAIR)
    assert (report.added, report.unchanged, report.kept) == (1, 2, ())
    approve_all(engine)
    assert sorted(served(engine)) == ["第1条", "第2条", "第3条"]


def test_a_draft_that_a_later_file_no_longer_has_is_withdrawn(send: Send, engine: Engine) -> None:
    send("v1", HEAD, FEE, CHAIR)
    assert send("v2", HEAD, CHAIR).removed == 1
    assert waiting(engine) == ["第1条", "第3条"]
    approve_all(engine)
    assert served(engine) == ["第1条", "第3条"]


def test_of_what_is_served_a_withdrawn_draft_leaves_what_answers(send: Send, engine: Engine) -> None:
    send("v1", HEAD, FEE, CHAIR, state=State.APPROVED)
    send("v2", HEAD, FEE.replace("300", "500"), CHAIR.replace("会長", "議長"))
    send("v3", HEAD, CHAIR.replace("会長", "議長"))
    assert waiting(engine) == ["第3条"]
    assert Sendings(engine).replacements(KB, "v2") == [], "a file that says what nobody will approve takes no place"
    fee = Revisions(engine).last(KB, ["doc:r.md:第2条"])["doc:r.md:第2条"]
    assert (fee.state, fee.entry.answer) == (State.APPROVED, "第2条 手数料は300円とする。")
    approve_all(engine)
    (waits,) = Sendings(engine).replacements(KB, "v3")
    assert [e.id for e in waits.leaving] == ["doc:r.md:第2条"]


GUIDE, FREE = ("## 開栓", "あ" * 500 + "。"), "水道の開栓は無料です。" + "い" * 500 + "。"


@pytest.mark.parametrize("state", [State.APPROVED, State.DRAFT])
@pytest.mark.parametrize("inserted", [("う" * 700 + "。",), ()])
def test_what_a_person_took_out_does_not_come_back_under_another_id(
    send: Send, engine: Engine, state: State, inserted: tuple[str, ...]
) -> None:
    more = () if inserted else ("う" * 700 + "。",)
    send("v1", *GUIDE[:1], *more, GUIDE[1], FREE, state=State.APPROVED)
    last = served(engine)[-1]
    Revisions(engine).retire(KB, f"doc:r.md:{last}", by="課長", at=NOON)
    for key in ("v2", "v3"):  # and not with the same file again
        report = send(key, *GUIDE[:1], *inserted, GUIDE[1], FREE, state=state)
        assert len(report.withheld) == 1
        everything = [*(s.entry for s in Repository(engine).load(KB)), *(r.entry for r in Revisions(engine).waiting(KB))]
        assert not [e.id for e in everything if "無料" in e.answer]
    assert send("v4", *GUIDE[:1], *inserted, GUIDE[1], FREE, state=state, overwrite=True).back == report.withheld


@pytest.mark.parametrize("state", [State.APPROVED, State.DRAFT])
def test_what_a_person_took_out_is_told_of_when_its_file_comes_again_and_comes_back_when_that_is_said(
    send: Send, engine: Engine, state: State
) -> None:
    send("v1", HEAD, FEE, state=State.APPROVED)
    Revisions(engine).retire(KB, "doc:r.md:第2条", by="課長", at=NOON)
    report = send("v2", HEAD, FEE, state=state)
    assert (report.ended, report.unchanged, served(engine), waiting(engine)) == (("doc:r.md:第2条",), 2, ["第1条"], [])
    report = send("v3", HEAD, FEE, state=state, overwrite=True)
    assert (report.ended, report.back, report.written) == ((), ("doc:r.md:第2条",), ("doc:r.md:第2条",))
    assert (served(engine) if state is State.APPROVED else waiting(engine))[-1:] == ["第2条"]
    said = Told.of(FileReport(file="r.md", kind="document", report=replace(report, back=("甲", "乙")))).notes
    assert said == ("公開を終えていた項目「甲」ほか1件を、ファイルの内容で登録し直しました。",)
