"""A question that names a relative in, the same of 「家族」 out: so a knowledge base speaks of whoever it is, never of a pet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from retrieval.analysis import normalise
from retrieval.entry import Entry
from retrieval.hit import Found
from retrieval.names import fold
from retrieval.tokens import tokens

# As people call them, those of Ōsumi too. Before a particle: neither 母子手帳 nor 父兄.
_RELATIVE = re.compile(
    "(?:私|わたし|うち|おい|あたい)?の?(?:同居の|高齢の|年老いた)?"
    "(?:お?(?:父|母|爺|婆|とう|かあ|じい|ばあ|じじ|ばば|兄|姉|おじ|おば)(?:さん|ちゃん|さま|様|どん)?|祖父|祖母|両親|親父|おやじ|おふくろ"
    "|おやっどん|おとっ?(?:つぁん|ちゃん|どん)|おっ?か(?:ん|ちゃん|どん)|うっかた|うちかた|よめじょ|夫|妻|主人|旦那|だんな|家内|女房|亭主|嫁|婿"
    "|息子|娘|兄弟|姉妹|弟|妹|連れ合い|つれあい|配偶者)(?=[がはもをにの])"
)

_FAMILY = "家族"
_DIED = re.compile(f"{_FAMILY}[がはも][^をにのでと。、]{{0,6}}(?:亡くな|なくな|死[んにぬ亡]|けし[んに]|他界)")
_ANIMAL = re.compile("動物|ペット|犬|猫|家畜")


def of_the_family(text: str) -> str:
    """The text with 「家族」 for the first relative that it names; as it is, where it names none."""
    return _RELATIVE.sub(_FAMILY, normalise(text), count=1)


def of_people(text: str, found: Found) -> Found:
    """What was found without what is asked of animals, where a text names a relative and none of those: who lost his wife is not
    asked back whether a pet died. Whose son found a dead animal names it, or something else that an entry asks about."""
    family = of_the_family(text)
    if family == normalise(text) or _ANIMAL.search(family):
        return found
    besides = [] if _DIED.search(family) else _things(family.replace(_FAMILY, "", 1))
    return replace(found, hits=tuple(hit for hit in found.hits if not _is_of_animals(hit.entry, besides)))


def _things(text: str) -> list[str]:
    """What a text names, however it is written: たぬき is タヌキ."""
    return [fold(token.surface) for token in tokens(text) if token.pos == "名詞" and len(token.surface) > 1]


def _is_of_animals(entry: Entry, besides: Sequence[str]) -> bool:
    """Whether an entry is asked of animals, and of nothing that is spoken of besides."""
    asked = fold("\n".join(entry.questions))
    return bool(_ANIMAL.search(normalise(entry.question))) and not any(thing in asked for thing in besides)
