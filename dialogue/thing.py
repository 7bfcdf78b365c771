"""A question in, the name of the thing that it is about out."""

from __future__ import annotations

from itertools import pairwise

from retrieval.analysis import is_hiragana, normalise
from retrieval.tokens import Token, tokens

_NAMING = frozenset({"名詞", "接尾辞", "接頭辞"})
_OF = "の"
_ABOUT = frozenset({"は", "を", "って", "も", ""})


def last_name(before: str) -> str:
    """The last name in a text: トイレ of 「うちのトイレが」."""
    return next((name for name, _ in reversed(_named(before)) if name), "")


def thing_of(text: str) -> str | None:
    """What something is done to in a short question: シロアリ of 「シロアリの駆除は」, ネット of 「図書館でネット使える？」. None
    where it is not plain."""
    named = _named(normalise(text).rstrip("?。 "))
    for (name, after), (_, then) in pairwise(named):
        if after and after.surface == _OF and (then is None or then.surface in _ABOUT):
            return name
    name, after = named[-1] if named else ("", None)
    is_done_to = after is not None and (after.surface == "を" or (after.pos == "動詞" and not is_hiragana(name)))
    return name if is_done_to else None


def _named(text: str) -> list[tuple[str, Token | None]]:
    """Each name of a text, in a row of nouns, with the token after it."""
    found: list[tuple[str, Token | None]] = []
    name = ""
    for token in tokens(text):
        if token.pos in _NAMING:
            name += token.surface
        elif name:
            found.append((name, token))
            name = ""
    return [*found, (name, None)] if name else found
