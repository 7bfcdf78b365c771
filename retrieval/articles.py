"""Entries in, the articles of the rules among them out, by the rule's name and the article's number as people say them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from retrieval.analysis import normalise, reading, strip_politeness
from retrieval.documents import law
from retrieval.entry import DOCUMENT_PREFIX, Entry
from retrieval.numerals import in_digits
from retrieval.paragraphs import Part
from retrieval.synonyms import shipped

_ASKED = re.compile(
    r"(?P<rule>.*?)[のとに、 ]*(?:(?P<supplement>附則)[の ]*)?"
    r"(?:第?(?P<number>\d+)条(?P<branch>(?:の\d+(?!項|号))*)|(?P<annexe>(?:別表|(?:別記)?様式)(?:第?\d+号?(?:の\d+)*)?))"
    r"(?:の?第?(?P<paragraph>\d+)項)?(?:の?第?(?P<item>\d+)号)?(?P<rest>.*)"
)
_SUPPLEMENT_ASKED = re.compile(  # which says when a rule came into force and was changed
    r"(?P<rule>.*?)[のとはが、 ]*(?:附則(?:の?第?(?P<paragraph>\d+)項)?(?:の?第?(?P<item>\d+)号)?"
    r"|(?:いつ(?:から)?)?(?:最終|最近の|最後に)?(?:施行|改正|制定)(?:された|した)?(?:の?(?:年月日|期日|日付|日))?[はが]?(?:いつ(?:から)?)?)"
    r"(?P<rest>.*)"
)
_PART = re.compile(r"(?:-\d+)?(~\d+)?$")  # of a locator: which piece of an article, and which article of that name
_REFERRED = re.compile(
    r"(?P<another>[法令例則程綱領」)])?"  # 「法第3条」, 「法（…）第3条及び第5条」 and 「条例別表第1」 are of another rule
    r"(?:(?P<name>別表(?:第\d+)?|(?:別記)?様式第?\d+号?(?:の\d+)*|第\d+条(?:の\d+)*)|(?P<near>[前次])条)(?:第\d+[項号])*"
)
_JOINED = frozenset(("、", "及び", "又は", "並びに", "若しくは", "から"))
_NUMBER = re.compile(r"第(\d+)条((?:の\d+)*)")
_KIND = re.compile(r"(?:条例|規則|規程|要綱|要領|細則|基準|訓令|指針|方針|計画|マニュアル|手引|法律?|政?令)$")
_REMARK = re.compile(r"\s*[（(][^（()）]+[)）]$")
_POINTED_AT = re.compile(rf"(?:[こそ]の?|同|今の|さっきの?)(?:文書|{_KIND.pattern})?")  #: 「その条例」, which was spoken of last
_SAID_OF_A_TEXT = frozenset("内容 条文 規定 全文 本文 中身 定め 書き 書く 読み 読む 見せ 見せる 出し 表示 詳しい 関係 条".split())
_SPELT = re.compile(r"[^一-鿿々ァ-ヶーa-z0-9]|市|町|村")  #: what need not be said of a rule's name
_HIRAGANA = re.compile(r"[ぁ-んー]{3,}")
_LONGEST_CHARS = 80
_MOST_PIECES = 20  #: of a long article, that are looked through for what it refers to
_MOST_IN_A_ROW = 1000  #: articles of 「第20条から第22条まで」; what says more is a mistake or a trap


@dataclass(frozen=True, slots=True)
class Reference:
    """An article that is asked for by number, and nothing else."""

    rule: str  #: as it was said, normalised; empty where none was
    name: str  #: 「第12条の2」, 「附則 第1条」, 「別表第1」
    part: Part | None = None  #: of it, where one is asked for

    @property
    def goes_on(self) -> bool:
        """Whether it is asked of a rule that was spoken of (「附則は」「施行日は」); every rule has a supplement."""
        return not self.rule and self.name == "附則"

    @property
    def names_a_rule(self) -> bool:
        """Whether it says a kind of rule that cities make; 「地方自治法」 is somebody else's."""
        kind = _KIND.search(self.rule)
        return kind is not None and not kind[0].endswith(("法", "法律", "令"))


@dataclass(slots=True)
class Rule:
    """A document that has articles, and the entries of each in order."""

    title: str
    articles: dict[str, dict[str, list[Entry]]] = field(default_factory=dict)  #: by name, and by which of that name

    @property
    def name(self) -> str:
        """The title without a remark behind it: 「滞納整理基準（税務課限り）」 is called 滞納整理基準."""
        bare = _REMARK.sub("", self.title)
        return bare if _KIND.search(bare) else self.title

    @property
    def entries(self) -> Iterator[Entry]:
        """All that its articles are kept in; one of 「第3条から第5条まで」 several times."""
        return (entry for named in self.articles.values() for held in named.values() for entry in held)


class Articles:
    """The rules among some entries."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._rules: dict[str, Rule] = {}
        for entry in entries:
            self._add(entry)

    def __bool__(self) -> bool:
        return bool(self._rules)

    def _add(self, entry: Entry) -> None:
        document, name, which = document_of(entry), article_name(entry), _PART.search(entry.id)
        title, found, _ = entry.question.rpartition(f" {name}")
        if not document.startswith(DOCUMENT_PREFIX) or not found or not _is_part(name):
            return
        rule = self._rules.setdefault(document, Rule(title))
        for key in _keys(name):
            rule.articles.setdefault(key, {}).setdefault((which and which[1]) or "", []).append(entry)

    def rule_of(self, entry_id: str) -> Rule | None:
        """The rule that an entry is part of."""
        return self._rules.get(entry_id.rpartition(":")[0])

    def referred(self, entry_id: str) -> list[Entry]:
        """What the article of a passage refers to of its own rule, the first passage of each: who reads 「別表第1の定額による」
        needs that."""
        rule = self.rule_of(entry_id)
        named = _plain(_article_of_id(entry_id))
        if rule is None or named not in rule.articles:
            return []
        names = list(rule.articles)
        at = names.index(named)
        beside = {"前": names[max(0, at - 1)], "次": names[min(at + 1, len(names) - 1)]}
        pieces = islice((e for entries in rule.articles[named].values() for e in entries), _MOST_PIECES)
        found = (m for piece in pieces for m in _references(piece.answer))
        wanted = dict.fromkeys(_plain(m["name"]) if m["name"] else beside[m["near"]] for m in found)
        return [next(iter(rule.articles[n].values()))[0] for n in wanted if n != named and n in rule.articles]

    def rules(self, said: str, is_shown: Callable[[Rule], bool], *, document_of: str | None = None) -> list[Rule]:
        """The rules that a name may mean, of those that are shown: the one of that very name, else all that have its characters
        in that order. Without a name, the rule that an entry is part of, else all."""
        if not said:
            own = self.rule_of(document_of or "")
            return [own] if own else list(self._rules.values())
        rules = self._rules.values()
        fitting = [rule for rule in rules if _fits(said, rule.name) and is_shown(rule)]
        fitting = fitting or [rule for rule in rules if _sounds_like(said, rule.name) and is_shown(rule)]
        exact = [rule for rule in fitting if _names(said, rule.name)]
        shortest = min((len(rule.title) for rule in exact), default=0)
        return [rule for rule in exact if len(rule.title) == shortest] or fitting

    def alike(self, said: str) -> list[Rule]:
        """Rules that may be meant by a name that none has: of that very name but another kind (文書管理規則, 文書管理規程),
        then those of its kind that have most of the other characters."""
        kind = _KIND.search(said)
        if kind is None:
            return []
        name = said[: kind.start()]
        rest = set(_spelt(name))
        of_another = [rule for rule in self._rules.values() if _fits(name, _KIND.sub("", rule.name))]
        of_its_kind = [rule for rule in self._rules.values() if rule.name.endswith(kind[0])]
        near = [rule for rule in of_its_kind if 2 * len(rest & set(_spelt(rule.name))) >= max(1, len(rest))]
        return of_another + [rule for rule in near if rule not in of_another]


def reference(text: str) -> Reference | None:
    """The article that a text asks for; None where it asks something about it, or for something else."""
    said = in_digits(strip_politeness(normalise(text)))
    if len(said) > _LONGEST_CHARS:
        return None
    found = _ASKED.fullmatch(said)
    if found and not _says_more(found["rest"]):
        return Reference(_name_of(found["rule"]), _article_of(found), _part_of(found))
    found = _SUPPLEMENT_ASKED.fullmatch(said)
    return Reference(_name_of(found["rule"]), "附則", _part_of(found)) if found and not _says_more(found["rest"]) else None


def document_of(entry: Entry) -> str:
    """What the ids of all passages of its document begin with."""
    return entry.id.rpartition(":")[0]


def article_name(entry: Entry) -> str:
    """What a passage's document calls the article that it is of: 「第十二条の二」."""
    return _article_of_id(entry.id)


def _article_of_id(entry_id: str) -> str:
    return _PART.sub("", entry_id.rpartition(":")[2])


def of_rule(rule: Rule, name: str) -> list[list[Entry]]:
    """The articles of that name, each with its entries; all of the supplement, where only that is asked for."""
    if name.startswith("附則"):
        wanted = name.removeprefix("附則").strip()
        named = [held for key, held in rule.articles.items() if key.startswith("附則") and key.endswith(wanted)]
    else:
        named = [rule.articles[name]] if name in rule.articles else []
    return [entries for held in named for entries in held.values()]


def _references(text: str) -> Iterator[re.Match[str]]:
    """Where a text refers to other articles of its own rule."""
    said, is_own, end = in_digits(re.sub(r"\s+", "。", normalise(text))), True, 0  # 「(1) 第3条」 is no law's
    for found in _REFERRED.finditer(said):
        is_own = is_own if said[end : found.start()] in _JOINED else found["another"] is None
        end = found.end()
        if is_own:
            yield found


def _name_of(rule: str) -> str:
    name = re.sub(r"^.*[、。 「『]|[」』]", "", rule.strip("の 、「」『』"))
    return "" if _POINTED_AT.fullmatch(name) else name


def _article_of(found: re.Match[str]) -> str:
    if found["number"]:
        name = f"第{found['number']}条{found['branch']}"
        return f"附則 {name}" if found["supplement"] else name
    return _plain(found["annexe"])


def _part_of(found: re.Match[str]) -> Part | None:
    paragraph, item = (int(found[key]) if found[key] else None for key in ("paragraph", "item"))
    return Part(paragraph, item) if paragraph or item else None


def _says_more(rest: str) -> bool:
    return not set(shipped().lemmas(rest)) <= _SAID_OF_A_TEXT


def _is_part(name: str) -> bool:
    last = name.rpartition(" ")[2]
    return bool(law.article(f"{last} 削除") or law.annexe(name) or law.supplement(name))


def _keys(name: str) -> Sequence[str]:
    """What an article is asked for by: each of 「第20条から第22条まで」."""
    plain = _plain(name)
    if plain.startswith("附則"):
        return [plain]
    numbers = list(_NUMBER.finditer(plain))
    if len(numbers) == 2 and re.search("から|[~〜―-]", plain):
        first, last = (int(n[1]) for n in numbers)
        return [f"第{n}条" for n in range(first, min(last, first + _MOST_IN_A_ROW) + 1)]
    return [n[0] for n in numbers] or [plain]


def _plain(name: str) -> str:
    """A name as it is compared: with digits, 「別表1」 as 「別表第1」."""
    written = in_digits(normalise(name))
    return re.sub(r"(別表|様式)第?(\d+)号?", r"\1第\2", written.removeprefix("別記"))


def _spelt(name: str) -> str:
    return _SPELT.sub("", normalise(name))


def _in_full(name: str) -> str:
    return re.sub("[市町村の]", "", normalise(name))


def _fits(said: str, title: str) -> bool:
    """Whether a name is a title of the same kind with characters left out: 空き家条例 of 空家等対策の推進に関する条例. Its
    hiragana count where it has no other characters: まちづくり条例 is not just any 条例."""
    kind = _KIND.search(said)
    if kind and not title.endswith(kind[0]):
        return False
    spelt = _spelt if _spelt(_KIND.sub("", said)) else _in_full
    rest, wanted = iter(spelt(title)), spelt(said)
    return len(wanted) > 1 and all(c in rest for c in wanted)


def _sounds_like(said: str, title: str) -> bool:
    """Whether a name in hiragana is how a part of a title of the same kind sounds: りょひ条例, けいやくきそく."""
    kind = _KIND.search(said)
    name = said[: kind.start()] if kind else said
    return bool(_HIRAGANA.fullmatch(name)) and title.endswith(kind[0] if kind else "") and name in reading(title)


def _names(said: str, title: str) -> bool:
    """Whether a name is what a title ends with; a kind alone is the name of none."""
    name = _spelt(_KIND.sub("", said))
    return bool(name) and _spelt(title).endswith(_spelt(said))
