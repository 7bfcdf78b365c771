"""Promises of `madoguchi accounts`: the first account, a list of all staff, and the way back in."""

from __future__ import annotations

import csv
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from core.errors import MadoguchiError
from core.settings import load_settings
from server.accounts.account import ALL, Right
from server.accounts.accounts import Accounts
from server.commands.accounts import accounts as command
from server.parts import Parts

ROSTER = (
    "職員番号,氏名,担当課,権限\n１０１,田中 花子,市民課,すべて\n301,山下 三郎,税務課,通話記録、議事録\n302,川﨑 春,農林課,なし\n"
)


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Accounts:
    monkeypatch.setenv("MADOGUCHI_HOME", str(tmp_path / "home"))
    return Parts(load_settings()).accounts


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


def refusal(*arguments: str) -> str:
    error = run(*arguments).exception
    assert isinstance(error, MadoguchiError)
    return error.message


def test_an_account_that_is_not_there_is_named_as_what_it_is(kept: Accounts) -> None:
    for given in (["password", "9999"], ["stop", "9999"], ["change", "9999", "--rights", "all"]):
        assert "この職員番号のアカウントは見つかりません" in refusal(*given)


def test_the_first_account_opens_everything_and_its_password_is_told_once(kept: Accounts) -> None:
    done = run("add", "１０１", "--name", "田中 花子", "--department", "市民課", "--rights", "all")
    assert done.exit_code == 0
    password = done.stdout.split()[1]
    assert kept.enter("101", password).rights == ALL
    assert password not in run("list").stdout and "田中" in run("list").stdout
    assert kept.changes("101")[0].by.endswith("(コマンド)")


def test_who_is_locked_out_gets_another_password_and_what_is_not_said_stays(kept: Accounts) -> None:
    run("add", "101", "--name", "田中 花子", "--department", "市民課", "--rights", "all")
    run("add", "102", "--name", "前田", "--rights", "calls,議事録")
    assert run("change", "102", "--department", "福祉課").exit_code == 0
    account = kept.get("102")
    assert (account.title, account.rights) == ("福祉課 前田", {Right.CALLS, Right.MINUTES})
    assert kept.enter("102", run("password", "102").stdout.split()[1]).id == "102"
    for step, state in (("stop", True), ("resume", False)):
        assert run(step, "102").exit_code == 0
        assert (kept.get("102").stopped_at is not None) is state
    assert "管理できる人がいなくなる" in refusal("stop", "101")
    assert "「なんでも」という権限はありません" in refusal("add", "103", "--name", "x", "--rights", "なんでも")
    assert "見つかりません" in refusal("password", "999")


@pytest.mark.parametrize("encoding", ["cp932", "utf-8-sig"])
def test_a_list_of_staff_makes_new_accounts_and_changes_those_there_are(kept: Accounts, tmp_path: Path, encoding: str) -> None:
    run("add", "101", "--name", "田中 花子", "--department", "総務課", "--rights", "all")
    run("add", "9", "--name", "残る 人", "--rights", "calls")
    roster, out = tmp_path / "職員.csv", tmp_path / "仮.csv"
    roster.write_bytes(ROSTER.encode(encoding))
    done = run("import", str(roster), "--passwords", str(out))
    assert "作成 2人、変更 1人、変更なし 0人" in done.stdout
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    with out.open(encoding="utf-8-sig", newline="") as file:
        given = {row["職員番号"]: row["仮のパスワード"] for row in csv.DictReader(file)}
    assert set(given) == {"301", "302"}
    assert [kept.enter(number, password).title for number, password in given.items()] == ["税務課 山下 三郎", "農林課 川﨑 春"]
    assert (kept.get("101").title, kept.get("301").rights) == ("市民課 田中 花子", {Right.CALLS, Right.MINUTES})
    assert kept.get("9").rights == {Right.CALLS}
    again = run("import", str(roster), "--passwords", str(tmp_path / "二.csv"))
    assert "作成 0人、変更 0人、変更なし 3人" in again.stdout
    assert "もうあります" in refusal("import", str(roster), "--passwords", str(out))


def test_a_list_that_would_leave_nobody_to_manage_accounts_does_nothing(kept: Accounts, tmp_path: Path) -> None:
    run("add", "101", "--name", "田中 花子", "--rights", "all")
    roster, out = tmp_path / "r.csv", tmp_path / "p.csv"
    roster.write_text("職員番号,氏名,権限\n7,新しい 人,通話記録\n101,田中 花子,なし\n", "utf-8")
    assert "管理できる人がいなくなる" in refusal("import", str(roster), "--passwords", str(out))
    assert [a.id for a in kept.all()] == ["101"] and kept.get("101").rights == ALL and not out.exists()
    roster.write_text("職員番号,氏名,権限\n101,田中 花子,なし\n7,新しい 人,すべて\n", "utf-8")
    assert run("import", str(roster), "--passwords", str(out)).exit_code == 0, "a successor in a later row will do"
    assert kept.get("101").rights == frozenset() and kept.get("7").rights == ALL


def test_a_list_without_rights_or_departments_leaves_them(kept: Accounts, tmp_path: Path) -> None:
    run("add", "101", "--name", "田中", "--department", "市民課", "--rights", "all")
    roster = tmp_path / "r.csv"
    roster.write_text("氏名,職員番号\n田中 花子,101\n", "utf-8")
    run("import", str(roster), "--passwords", str(tmp_path / "p.csv"))
    assert (kept.get("101").title, kept.get("101").rights) == ("市民課 田中 花子", ALL)


def test_a_list_with_a_fault_does_nothing_and_names_its_rows(kept: Accounts, tmp_path: Path) -> None:
    roster, out = tmp_path / "r.csv", tmp_path / "p.csv"
    roster.write_text("職員番号,氏名,権限\n1,よい 人,\n2,,\n3,x,電話\n4 4,y,\n5,z,\n５,w,\n", "utf-8")
    told = refusal("import", str(roster), "--passwords", str(out)).splitlines()
    assert told[0] == "1件も登録していません。次の行を直してください。"
    assert [line.split(":")[0] for line in told[1:4]] == ["3行目", "4行目", "5行目"]
    assert told[4] == "職員番号「5」が2行あります。"
    assert kept.all() == [] and not out.exists()
    roster.write_text("番号,名前\n1,x\n", "utf-8")
    assert "「職員番号」と「氏名」の列がありません" in refusal("import", str(roster), "--passwords", str(out))
