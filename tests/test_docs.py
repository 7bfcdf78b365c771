"""The documents say what the product does: names, commands, settings and links in them are real."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperGroup

from core.settings import CHECKOUT, Settings
from core.settings_docs import page
from server.app import create_app
from server.commands.app import VERBS, app_of

DOCUMENTS = [
    CHECKOUT / name for name in ("README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE")
] + sorted((CHECKOUT / "docs").rglob("*.md"))
MARKDOWN = [d for d in DOCUMENTS if d.suffix == ".md"]
ADRS = sorted((CHECKOUT / "docs" / "adr").glob("*.md"))
PROSE = {p: p.read_text("utf-8") for p in DOCUMENTS}

LINK = re.compile(r"\[[^\]]*\]\(([^)\s#]+)(?:#[^)]*)?\)")
COMMAND = re.compile(r"\bmadoguchi ([a-z][^\n`|]*)")
WORD = re.compile(r'(?:"[^"]*"|\S)+')
MAKE = re.compile(r"`make ([a-z]+)`|^\s*(?:[A-Z_]+=\S+ +)*make ([a-z]+)", re.MULTILINE)
SETTING = re.compile(r"\bMADOGUCHI_[A-Z_]+\b")
OURS = re.compile(
    r"`((?:core|models|asr|retrieval|dialogue|minutes|telephony|voice_skill|server|tests|scripts|samples|docs)/[\w./-]*)`"
)
WIDE_ROUTE = re.compile(r"`(?:(GET|POST|PUT|DELETE|PATCH) )(/[\w/{}.-]*)`")


def name_of(path: Path) -> str:
    return str(path.relative_to(CHECKOUT))


def test_every_setting_is_explained() -> None:
    unexplained = [name for name, field in Settings.model_fields.items() if not field.description]
    assert unexplained == []


def test_the_settings_page_is_up_to_date() -> None:
    assert PROSE[CHECKOUT / "docs" / "settings.md"] == page(), "run `make docs`"


def test_the_settings_page_is_the_same_on_every_machine() -> None:
    assert str(CHECKOUT) not in page()


@pytest.mark.parametrize("path", MARKDOWN, ids=name_of)
def test_settings_that_are_named_exist(path: Path) -> None:
    known = {f"MADOGUCHI_{name}".upper() for name in Settings.model_fields} | {"MADOGUCHI_CONFIG"}
    assert set(SETTING.findall(PROSE[path])) - known == set()


def test_every_file_of_the_deployment_is_explained_and_runs_commands_that_exist() -> None:
    files = sorted((CHECKOUT / "docs" / "deploy").iterdir())
    guide = PROSE[CHECKOUT / "docs" / "guide.md"]
    assert [f.name for f in files if f"docs/deploy/{f.name}" not in guide] == []
    run = [verb for f in files for verb in re.findall(r"bin/madoguchi (\w+)", f.read_text("utf-8"))]
    assert len(run) == 3
    assert set(run) <= set(VERBS)


@pytest.mark.parametrize("path", MARKDOWN, ids=name_of)
def test_links_lead_somewhere(path: Path) -> None:
    targets = [t for t in LINK.findall(PROSE[path]) if "://" not in t and not t.startswith("mailto:")]
    assert [t for t in targets if not (path.parent / t).exists()] == []


@pytest.mark.parametrize("path", MARKDOWN, ids=name_of)
def test_files_that_are_named_exist(path: Path) -> None:
    assert [name for name in OURS.findall(PROSE[path]) if not (CHECKOUT / name).exists()] == []


@pytest.mark.parametrize("path", MARKDOWN, ids=name_of)
def test_commands_that_are_named_exist(path: Path) -> None:
    for line in COMMAND.findall(PROSE[path]):
        check_command(WORD.findall(line))


def check_command(words: list[str]) -> None:
    """Walk down to the command that the words name, then look each of its options up."""
    command = typer.main.get_command(app_of())
    while isinstance(command, TyperGroup) and words:
        name, *words = words
        assert name in command.commands, f"{command.name} has no command {name}"
        command = command.commands[name]
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    assert {w for w in words if w.startswith("--")} - known == set(), command.name


@pytest.mark.parametrize("words", ["serv", "kb imprt", 'ask "何" --audiance staff', "calls show X --number 1"])
def test_a_wrong_command_is_noticed(words: str) -> None:
    with pytest.raises(AssertionError):
        check_command(WORD.findall(words))


@pytest.mark.parametrize("path", MARKDOWN, ids=name_of)
def test_make_targets_that_are_named_exist(path: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (CHECKOUT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert {a or b for a, b in MAKE.findall(PROSE[path])} - targets == set()


@pytest.mark.parametrize("path", MARKDOWN, ids=name_of)
def test_routes_that_are_named_exist(path: Path, settings: Settings) -> None:
    described = create_app(settings).openapi()["paths"]
    known = {(method.upper(), _shape(route)) for route, methods in described.items() for method in methods}
    assert [r for r in WIDE_ROUTE.findall(PROSE[path]) if (r[0], _shape(r[1])) not in known] == []


def _shape(route: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", route)


def test_every_route_is_in_the_overview(settings: Settings) -> None:
    overview = {(m, _shape(r)) for m, r in WIDE_ROUTE.findall(PROSE[CHECKOUT / "docs" / "protocol.md"])}
    described = create_app(settings).openapi()["paths"]
    assert [(m, r) for r, methods in described.items() for m in methods if (m.upper(), _shape(r)) not in overview] == []


def test_every_decision_is_linked_from_the_architecture() -> None:
    linked = set(LINK.findall(PROSE[CHECKOUT / "ARCHITECTURE.md"]))
    assert ADRS
    assert [name_of(p) for p in ADRS if name_of(p) not in linked] == []


@pytest.mark.parametrize("path", ADRS, ids=name_of)
def test_a_decision_has_its_number_and_three_parts(path: Path) -> None:
    heads = re.findall(r"^#+ (.*)$", PROSE[path], re.MULTILINE)
    assert heads[0].startswith(path.name[:4])
    assert heads[1:] == ["Context", "Decision", "Consequences"]


def test_the_changelog_is_of_this_version() -> None:
    versions = re.findall(r"^## \[([^\]]+)\]", PROSE[CHECKOUT / "CHANGELOG.md"], re.MULTILINE)
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))["project"]
    assert next(v for v in versions if v != "Unreleased") == project["version"]


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_no_machine_paths(path: Path) -> None:
    assert re.findall(r"(?<![\w.])/(?:work|root|tmp|home)\b", PROSE[path]) == []
