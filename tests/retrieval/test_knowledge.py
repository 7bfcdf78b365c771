"""Promises of a knowledge base from file to search: nothing half-imported, nothing lost, and readers see what was built."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from kb_kit import NOON, ROWS, Opened, write_csv, write_xlsx

from core.audience import Audience
from core.errors import MadoguchiError, NotReady, UnreadableTable
from core.settings import CHECKOUT, Settings
from models.embedder import Embedder
from retrieval.knowledge import Knowledge
from retrieval.version import KEPT

KB = "test"
SOO = CHECKOUT / "samples" / "soo"


def quiet(_label: str, _done: int, _total: int) -> None:
    pass


def ids(knowledge: Knowledge, text: str, audience: Audience = Audience.RESIDENT) -> list[str]:
    return [h.entry.id for h in knowledge.search(text, KB, audience=audience).hits]


def taken_in(knowledge: Knowledge, path: Path) -> None:
    knowledge.import_file(path, KB)
    knowledge.build(KB, quiet)


def test_before_the_first_import_the_sentence_says_what_to_do(opened: Opened) -> None:
    with pytest.raises(NotReady, match="madoguchi kb import"):
        opened().search("犬", KB, audience=Audience.RESIDENT)


def test_csv_excel_and_cp932_give_one_and_the_same_knowledge(opened: Opened, tmp_path: Path) -> None:
    knowledge = opened()
    first = knowledge.import_file(write_csv(tmp_path / "a.csv"), KB).report
    assert (first.added, first.changed, first.unchanged) == (3, (), 0)
    for path in (write_csv(tmp_path / "b.csv", encoding="cp932"), write_csv(tmp_path / "c.csv", encoding="utf-8-sig")):
        again = knowledge.import_file(path, KB).report
        assert (again.added, again.changed, again.unchanged) == (0, (), 3)
    assert knowledge.import_file(write_xlsx(tmp_path / "d.xlsx", list(ROWS)), KB).report.unchanged == 3


def test_refused_rows_are_reported_with_their_numbers_and_the_rest_is_found(opened: Opened, tmp_path: Path) -> None:
    knowledge = opened()
    secret = ("a-4", "金庫の番号は。", "1234です。", "", "", "", "しょくいん", "", "")
    path = write_csv(tmp_path / "faq.csv", [ROWS[0], ROWS[0], ROWS[1], secret])
    report = knowledge.import_file(path, KB).report
    assert [(r.row, r.reason[:4]) for r in report.refused] == [(3, "id「a"), (5, "公開範囲")]
    knowledge.build(KB, quiet)
    for audience in Audience:
        assert sorted(ids(knowledge, "金庫の番号は。", audience)) == ["a-1", "a-2"]


def test_a_broken_file_changes_nothing(opened: Opened, tmp_path: Path) -> None:
    knowledge = opened()
    taken_in(knowledge, write_csv(tmp_path / "faq.csv"))
    before = knowledge.repository.load(KB)
    xlsx = write_xlsx(tmp_path / "broken.xlsx", [("a-1", "変えた", "変えた", "", "", "", "", "", "")])
    xlsx.write_bytes(xlsx.read_bytes()[:-300])
    (tmp_path / "columns.csv").write_text("名前,値段\nりんご,100\n", "utf-8")
    for name in ("broken.xlsx", "columns.csv"):
        with pytest.raises(UnreadableTable, match=name):
            knowledge.import_file(tmp_path / name, KB)
    assert knowledge.repository.load(KB) == before


def test_the_citys_tables_are_told_by_their_columns(opened: Opened) -> None:
    knowledge = opened()
    kinds = {
        SOO / "departments.csv": "departments",
        SOO / "readings.csv": "readings",
        SOO / "vocabulary.csv": "vocabulary",
        SOO / "garbage" / "target.csv": "garbage",
        SOO / "garbage" / "area_days.csv": "area_days",
    }
    assert {p: knowledge.import_file(p, KB).kind for p in kinds} == kinds
    assert all(knowledge.repository.load_table(KB, kind) for kind in kinds.values())


def test_a_changed_entry_is_visible_to_a_running_knowledge_after_the_build(opened: Opened, tmp_path: Path) -> None:
    running, writer = opened(), opened(lambda: NOON + timedelta(hours=1))
    taken_in(running, write_csv(tmp_path / "faq.csv"))
    assert running.search("犬の登録", KB, audience=Audience.RESIDENT).hits[0].entry.answer == "環境課で登録してください。"
    changed = (*ROWS[1][:2], "保健課で登録してください。", *ROWS[1][3:])
    writer.import_file(write_csv(tmp_path / "new.csv", [changed]), KB)
    assert running.search("犬の登録", KB, audience=Audience.RESIDENT).hits[0].entry.answer == "環境課で登録してください。"
    writer.build(KB, quiet)
    for audience in Audience:
        assert running.search("犬の登録", KB, audience=audience).hits[0].entry.answer == "保健課で登録してください。"


def test_an_entry_that_becomes_staffs_is_gone_for_residents(opened: Opened, tmp_path: Path) -> None:
    knowledge, later = opened(), opened(lambda: NOON + timedelta(hours=1))
    taken_in(knowledge, write_csv(tmp_path / "faq.csv"))
    assert ids(knowledge, "犬の登録はどうしますか。")[0] == "a-2"
    taken_in(later, write_csv(tmp_path / "new.csv", [(*ROWS[1][:6], "staff", *ROWS[1][7:])]))
    assert ids(knowledge, "犬の登録はどうしますか。") == ["a-1"]
    assert ids(knowledge, "犬の登録はどうしますか。", Audience.STAFF)[0] == "a-2"


def test_building_what_is_built_does_nothing(opened: Opened, tmp_path: Path, settings: Settings) -> None:
    knowledge = opened()
    taken_in(knowledge, write_csv(tmp_path / "faq.csv"))
    files = {p: p.stat().st_mtime_ns for p in (settings.home / "indexes").rglob("*")}
    asked: list[str] = []
    knowledge.build(KB, lambda label, _done, _total: asked.append(label))
    assert asked == []
    assert {p: p.stat().st_mtime_ns for p in (settings.home / "indexes").rglob("*")} == files


def test_old_versions_are_forgotten_and_nothing_half_built_stays(opened: Opened, tmp_path: Path, settings: Settings) -> None:
    for hour in range(KEPT + 2):
        row = (*ROWS[0][:2], f"答え{hour}", *ROWS[0][3:])
        taken_in(opened(lambda hour=hour: NOON + timedelta(hours=hour)), write_csv(tmp_path / "faq.csv", [row]))
    for audience in Audience:
        folder = settings.home / "indexes" / KB / audience.value
        assert len([p for p in folder.iterdir() if p.is_dir()]) == KEPT
        assert not [p for p in folder.iterdir() if p.name.startswith(".") or p.suffix == ".part"]


def test_a_build_that_fails_leaves_the_version_that_served(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    knowledge, later = opened(), opened(lambda: NOON + timedelta(hours=1))
    taken_in(knowledge, write_csv(tmp_path / "faq.csv"))
    changed = write_csv(tmp_path / "new.csv", [(*ROWS[1][:2], "保健課です。", *ROWS[1][3:])])

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as m:
        m.setattr("retrieval.version.np.savez", full)
        with pytest.raises(OSError, match="No space"):
            taken_in(later, changed)
    assert knowledge.search("犬の登録", KB, audience=Audience.RESIDENT).hits[0].entry.answer == "環境課で登録してください。"
    later.build(KB, quiet)
    assert knowledge.search("犬の登録", KB, audience=Audience.RESIDENT).hits[0].entry.answer == "保健課です。"


def test_an_index_of_another_embedder_is_refused_and_a_build_renews_it(
    opened: Opened, embedder: Embedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken_in(opened(), write_csv(tmp_path / "faq.csv"))
    monkeypatch.setattr(embedder, "identity", "another/1")
    other = opened(lambda: NOON + timedelta(hours=1))
    with pytest.raises(MadoguchiError, match="madoguchi kb build"):
        other.search("犬", KB, audience=Audience.RESIDENT)
    other.build(KB, quiet)
    assert ids(other, "犬の登録")[0] == "a-2"


@pytest.mark.parametrize("rows", [[ROWS[2]], [ROWS[0]], []], ids=["staff only", "one entry", "nothing"])
def test_the_smallest_knowledge_bases_work(opened: Opened, tmp_path: Path, rows: list[tuple[str, ...]]) -> None:
    knowledge = opened()
    taken_in(knowledge, write_csv(tmp_path / "faq.csv", rows))
    for audience in Audience:
        visible = [r[0] for r in rows if audience is Audience.STAFF or r[6] != "staff"]
        found = knowledge.search("図書館は何時に開きますか。", KB, audience=audience)
        assert [h.entry.id for h in found.hits] == visible
        assert found.confidence == (1.0 if "a-1" in visible else found.confidence)
        assert found.hits or found.confidence == 0.0
