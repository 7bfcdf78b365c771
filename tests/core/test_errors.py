"""Promises of the error tree: each error tells a person in Japanese what to do, and a program a code and a status."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

import core.errors
from core.errors import InvalidInput, MadoguchiError, ModelError


def tree(root: type[MadoguchiError] = MadoguchiError) -> Iterator[type[MadoguchiError]]:
    yield root
    for child in root.__subclasses__():
        yield from tree(child)


ERRORS = sorted({e for e in tree() if e.__module__ == "core.errors"}, key=lambda e: e.__name__)


@pytest.mark.parametrize("error", ERRORS)
def test_each_error_has_a_sentence_a_code_and_a_status(error: type[MadoguchiError]) -> None:
    assert re.fullmatch(r".*[ぁ-ん].*。", error.default)
    assert re.fullmatch("[a-z_]+", error.code)
    assert 400 <= error.status < 600


@pytest.mark.parametrize("error", ERRORS)
def test_the_default_sentence_stands_where_none_is_given(error: type[MadoguchiError]) -> None:
    assert error().message == str(error()) == error.default
    assert error("別の文です。").message == str(error("別の文です。")) == "別の文です。"


def test_no_two_errors_share_a_code() -> None:
    codes = [e.code for e in ERRORS]
    assert len(codes) == len(set(codes))


def test_the_drawn_tree_is_the_tree() -> None:
    drawn = core.errors.__doc__ or ""
    for error in ERRORS:
        assert re.search(rf"\b{error.__name__}\b", drawn), f"{error.__name__} is not in the docstring"
    depth = {m[2]: len(m[1]) for m in re.finditer(r"(?m)^([│ ├└─]*)(\w+)", drawn)}
    for error in ERRORS:
        if error is not MadoguchiError:
            parent = error.__mro__[1].__name__
            assert depth[error.__name__] > depth[parent], f"{error.__name__} is drawn above {parent}"


def test_what_the_caller_did_wrong_is_never_a_server_error() -> None:
    assert all(400 <= e.status < 500 for e in ERRORS if issubclass(e, InvalidInput))
    assert all(e.status == 503 for e in ERRORS if issubclass(e, ModelError))
