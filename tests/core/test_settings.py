"""Promises of the settings: environment over file over default, and one sentence that names what is wrong."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from core.errors import SettingsError
from core.settings import CHECKOUT, Settings, Zone, load_settings

FIELDS = Settings.model_fields
ANY_WORD = (str, Path, Path | None, SecretStr | None)


@pytest.fixture
def toml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "settings.toml"
    monkeypatch.setenv("MADOGUCHI_CONFIG", str(path))
    return path


def test_the_command_line_wins_over_the_environment_over_the_file_over_the_default(
    toml: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_settings().port == FIELDS["port"].default == 8080
    toml.write_text('port = 1001\ncity = "ファイル市"\n', "utf-8")
    assert (load_settings().port, load_settings().city) == (1001, "ファイル市")
    monkeypatch.setenv("MADOGUCHI_PORT", "1002")
    assert (load_settings().port, load_settings().city) == (1002, "ファイル市")
    assert load_settings(port=1003).port == 1003


def test_the_file_in_the_home_is_read_when_no_other_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADOGUCHI_HOME", str(tmp_path))
    (tmp_path / "madoguchi.toml").write_text('zone = "public"\n', "utf-8")
    settings = load_settings()
    assert (settings.home, settings.zone) == (tmp_path, Zone.PUBLIC)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "99999"),
        ("PORT", "八千"),
        ("ZONE", "everywhere"),
        ("DEVICE", "tpu"),
        ("MAX_QUESTION_CHARS", "0"),
        ("ALEXA_VERIFY", "?"),
        ("MAX_RECORDING_S", "inf"),
    ],
)
def test_a_wrong_value_is_refused_with_its_name(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"MADOGUCHI_{name}", value)
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert f"「{name.lower()}」" in error.value.message
    assert value not in error.value.message


@pytest.mark.parametrize("day", ["13-01", "12-32", "1月4日", "1-4", "2026-01-04", ""])
def test_a_day_on_which_the_city_hall_is_closed_is_one_of_the_calendar(day: str) -> None:
    with pytest.raises(SettingsError, match="「holidays"):
        load_settings(holidays=["12-29", day])


@pytest.mark.parametrize("name", ["home", "sip_certificate", "sip_key", "sip_authorities", "minutes_template"])
def test_a_path_that_is_set_to_nothing_is_not_the_current_folder(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"MADOGUCHI_{name.upper()}", "")
    assert getattr(load_settings(), name) == FIELDS[name].default


def test_an_unknown_name_in_the_file_is_refused(toml: Path) -> None:
    toml.write_text("prot = 8080\n", "utf-8")
    with pytest.raises(SettingsError, match="「prot」"):
        load_settings()


def test_a_file_that_is_not_toml_is_refused(toml: Path) -> None:
    toml.write_text("port: 8080\n", "utf-8")
    with pytest.raises(SettingsError, match=re.escape(str(toml))):
        load_settings()


def test_settings_can_not_change_and_do_not_show_the_password() -> None:
    settings = load_settings(staff_password="himitsu")
    with pytest.raises(ValidationError):
        settings.port = 1
    assert "himitsu" not in repr(settings)
    assert "himitsu" not in str(settings.model_dump())


def test_staff_are_locked_out_and_alexa_verified_unless_somebody_says_otherwise() -> None:
    settings = Settings()
    assert settings.staff_password is None
    assert not settings.dev_open_staff
    assert settings.alexa_verify
    assert settings.host == "127.0.0.1"


@pytest.mark.parametrize("name", list(FIELDS))
def test_each_setting_is_described_in_japanese(name: str) -> None:
    assert re.search("[ぁ-ん一-龠]", FIELDS[name].description or "")


def test_the_database_lies_in_the_home_unless_a_url_is_given(tmp_path: Path) -> None:
    assert Settings(home=tmp_path).sqlalchemy_url == f"sqlite:///{tmp_path}/madoguchi.db"
    assert Settings(database_url="postgresql://db/madoguchi").sqlalchemy_url == "postgresql://db/madoguchi"


def test_zero_threads_means_all_that_this_process_may_use() -> None:
    assert Settings().cpu_threads == len(os.sched_getaffinity(0))
    assert Settings(threads=3).cpu_threads == 3


def test_the_checkout_is_where_the_project_file_is() -> None:
    assert (CHECKOUT / "pyproject.toml").is_file()


def test_a_file_in_another_encoding_is_refused_with_the_one_that_it_needs(toml: Path) -> None:
    toml.write_bytes('city = "曽於市"\n'.encode("cp932"))
    with pytest.raises(SettingsError, match=re.escape(str(toml)) + r".*UTF-8"):
        load_settings()


@pytest.mark.parametrize("name", [name for name, field in FIELDS.items() if field.annotation not in ANY_WORD])
def test_nonsense_in_a_setting_is_told_with_its_name(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"MADOGUCHI_{name.upper()}", "でたらめ")
    with pytest.raises(SettingsError, match=f"設定「{name}」"):
        load_settings()


def test_a_day_that_no_calendar_has_is_no_holiday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADOGUCHI_HOLIDAYS", '["12-29", "1-1"]')
    with pytest.raises(SettingsError, match="holidays"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value"), [("UNRECORDED_NUMBERS", '["0986-00-0119", "相談窓口"]'), ("PHONE_LINES", '{"市民課": "0986761111"}')]
)
def test_a_telephone_number_without_a_digit_is_refused(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody would learn that the calls which it was to keep from being recorded are recorded."""
    monkeypatch.setenv(f"MADOGUCHI_{name}", value)
    with pytest.raises(SettingsError, match=name.lower()):
        load_settings()


def test_a_name_that_is_typed_wrong_in_the_environment_is_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("MADOGUCHI_CALL_DAY", "30")
    load_settings()
    assert [r.getMessage() for r in caplog.records if "MADOGUCHI_CALL_DAY という設定はありません" in r.getMessage()]
