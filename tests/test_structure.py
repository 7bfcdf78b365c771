"""The house rules of how code is laid out, read from the syntax trees of the product and its tests."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

from core.settings import CHECKOUT

MOST_LINES_OF_A_FILE = 450
MOST_LINES_OF_A_FUNCTION = 60
MOST_PARAMETERS = 8

PACKAGES = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))["tool"]["mypy"]["packages"]
PRODUCT = {p: p.read_text("utf-8") for name in PACKAGES for p in sorted((CHECKOUT / name).rglob("*.py"))}
TESTS = {p: p.read_text("utf-8") for p in sorted((CHECKOUT / "tests").rglob("*.py"))}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(path: Path) -> str:
    return str(path.relative_to(CHECKOUT))


def functions(source: str) -> Iterator[Function]:
    return (node for node in ast.walk(ast.parse(source)) if isinstance(node, Function))


def lines(function: Function) -> int:
    assert function.end_lineno is not None
    return function.end_lineno - function.lineno + 1


def parameters(function: Function) -> int:
    given = function.args
    return sum(map(len, (given.posonlyargs, given.args, given.kwonlyargs))) + bool(given.vararg) + bool(given.kwarg)


def test_every_package_is_looked_at() -> None:
    seen = {name_of(p).partition("/")[0] for p in PRODUCT}
    assert seen >= {"core", "models", "asr", "retrieval", "dialogue", "minutes", "telephony", "voice_skill", "server"}


def test_a_file_can_be_read_in_one_sitting() -> None:
    counts = {name_of(p): len(source.splitlines()) for p, source in (PRODUCT | TESTS).items()}
    assert {name: n for name, n in counts.items() if n > MOST_LINES_OF_A_FILE} == {}


def test_functions_are_short() -> None:
    found = {f"{name_of(p)}:{f.name}": lines(f) for p, source in PRODUCT.items() for f in functions(source)}
    assert {name: n for name, n in found.items() if n > MOST_LINES_OF_A_FUNCTION} == {}


def test_functions_take_few_parameters() -> None:
    found = {f"{name_of(p)}:{f.name}": parameters(f) for p, source in PRODUCT.items() for f in functions(source)}
    assert {name: n for name, n in found.items() if n > MOST_PARAMETERS} == {}


def test_a_module_says_what_it_is_for() -> None:
    silent = [name_of(p) for p, source in PRODUCT.items() if source.strip() and not ast.get_docstring(ast.parse(source))]
    assert silent == [], "a docstring of one sentence: what flows in and out"


def test_the_rules_notice_what_breaks_them() -> None:
    (function,) = functions(f"def f({', '.join(f'a{i}' for i in range(9))}, **rest):\n" + "    pass\n" * 70)
    assert (lines(function), parameters(function)) == (71, 10)
