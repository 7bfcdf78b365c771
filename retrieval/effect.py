"""The supplements (附則) of documents in, from when each is in force out, until when, and which others change or repeal it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from retrieval.analysis import normalise
from retrieval.articles import article_name, document_of
from retrieval.documents.law import NUMBER
from retrieval.entry import Entry
from retrieval.numerals import in_digits

_DAY = rf"(?:明治|大正|昭和|平成|令和)\s?(?:元|{NUMBER})年\s?{NUMBER}月\s?{NUMBER}日"
# 「ただし、第3条の規定は、令和9年4月1日から施行する」 is of a part only: the rule itself says 「この規則は」.
_BEGINS = re.compile(
    rf"この[^、。\s]{{1,20}}は、?(?:(?P<promulgated>公布|公表|告示|公示)の日|(?P<day>{_DAY}))から(?:これを)?(?:施行|実施)"
)
_ENDS = re.compile(rf"({_DAY})(?:限り|をもって|に)(?:で)?、?(?:その)?効力を失う")
_REPEALS = re.compile(r"(?:^|[。\n])[\s0-9０-９]*([^。、\n（）()]{3,80})[（(][^）)\n]{1,40}[）)]は、?廃止する")
_REPEALED_LIST = re.compile(r"次に掲げる[^。\n]{1,40}は、?廃止する。?\n")
# 「第1条　見本市税条例（昭和30年条例第1号）の一部を次のように改正する。」: what becomes of its words stands below.
_AMENDS = re.compile(
    rf"(?:^|\n)(?:第{NUMBER}条|[0-9０-９]{{1,2}})?[\s　]*([^、。\n（）()]{{3,80}})"
    r"[（(][^）)\n]{1,60}[）)]の一部を(?:次のように)?改正する。"
)
_YEAR = re.compile(rf"(明治|大正|昭和|平成|令和)\s?(元|{NUMBER})年")
_NUMBER_OF_RULE = re.compile(rf"(?:条例|規則|告示|訓令|規程|要綱)\s?第?\s?({NUMBER})\s?号")
_LISTED = re.compile(r"[\s　]*[（(]?[0-9０-９一二三四五六七八九十]{1,3}[）)]?[\s　]+([^（(\n]{3,80})[（(]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A day as the document writes it, and which one that is."""

    written: str  #: 「令和8年4月1日」
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """Another document that changes one, and was not worked into it."""

    title: str
    begins: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a document, and others of it, say of its being in force. What none says is None."""

    begins: Moment | None = None
    changed: Moment | None = None  #: by the last of the rules that changed it
    ends: Moment | None = None  #: its last day
    repealed_by: str | None = None  #: the title of the document that repeals it
    repealed: Moment | None = None
    amended_by: tuple[Amendment, ...] = ()

    @property
    def summary(self) -> str | None:
        """For a citation: 「平成17年7月1日施行、平成30年10月1日改正施行」."""
        said = [
            f"{self.begins.written}施行" if self.begins else "",
            f"{self.changed.written}改正施行" if self.changed else "",
            f"{self.ends.written}限り" if self.ends else "",
            f"「{self.repealed_by}」により廃止" if self.repealed_by else "",
            *dict.fromkeys(f"「{amendment.title}」により一部改正" for amendment in self.amended_by),
        ]
        return "、".join(filter(None, said)) or None

    def standing(self, today: date) -> str | None:
        """In a word why it is not in force; None where it is."""
        if self.ends and self.ends.day < today:
            return "失効"
        if self.repealed_by and not (self.repealed and self.repealed.day > today):
            return "廃止"
        return "施行前" if self.begins and self.begins.day > today else None

    def warning(self, today: date) -> str | None:
        """What who reads it has to know first: that it is not in force, or not as it was."""
        if self.ends and self.ends.day < today:
            return f"この文書は、{self.ends.written}限りで効力を失っています。"
        if self.repealed_by and self.repealed and self.repealed.day > today:
            return f"この文書は、「{self.repealed_by}」により、{self.repealed.written}に廃止されます。"
        if self.repealed_by:
            return f"この文書は、「{self.repealed_by}」により廃止されています。"
        if self.begins and self.begins.day > today:
            return f"この文書は、{self.begins.written}から施行されます。今はまだ施行されていません。"
        if self.changed and self.changed.day > today:
            return f"この文書には、{self.changed.written}から施行される改正が入っています。"
        return self._amended(today)

    def _amended(self, today: date) -> str | None:
        """That its words are no longer, or soon will no longer be, what holds."""
        coming = [(a.title, a.begins) for a in self.amended_by if a.begins and a.begins.day > today]
        held = dict.fromkeys(f"「{a.title}」" for a in self.amended_by if (a.title, a.begins) not in coming)
        said = [f"{''.join(held)}により一部が改められています"] if held else []
        said += [f"「{title}」により、{begins.written}から一部が改められます" for title, begins in coming]
        return f"この文書は、{'。また、'.join(said)}。改められる前の内容のため、その文書も確かめてください。" if said else None


@dataclass(slots=True)
class _Document:
    title: str = ""
    head: str = ""  #: what stands before its first article: the day of its promulgation
    supplements: list[tuple[str, str]] = field(default_factory=list)  #: names and texts
    amends: list[str] = field(default_factory=list)  #: the names of others


def effects_of(entries: Iterable[Entry]) -> dict[str, Effect]:
    """The effect of each document that says something of it, by what the ids of its entries begin with."""
    documents = _documents(entries)
    found = {key: _own(document) for key, document in documents.items()}
    for key, other in _repeals(documents):
        found[other] = replace(found[other], repealed_by=documents[key].title, repealed=found[key].begins)
    for key, other in _amendments(documents):
        amendment = Amendment(title=documents[key].title, begins=found[key].begins)
        is_new = amendment not in found[other].amended_by
        if is_new and not _is_worked_in(documents[key], amendment, documents[other], found[other]):
            found[other] = replace(found[other], amended_by=(*found[other].amended_by, amendment))
    return {key: effect for key, effect in found.items() if effect.summary}


def said_by(entries: Iterable[Entry]) -> dict[str, tuple[Entry, ...]]:
    """The passages that the effect of each document is known by: its own, and those of the documents that change or repeal it.
    Of these alone `effects_of` finds the same as of all."""
    every = list(entries)
    documents = _documents(every)
    passages: dict[str, list[Entry]] = {key: [] for key in documents}
    for entry in every:
        held = passages.get(document_of(entry))
        if held is not None and (not held or article_name(entry).startswith("附則") or _AMENDS.search(entry.answer)):
            held.append(entry)
    found = {key: tuple(held) for key, held in passages.items()}
    for key, other in (*_repeals(documents), *_amendments(documents)):
        found[other] += tuple(passages[key])
    return found


def _documents(entries: Iterable[Entry]) -> dict[str, _Document]:
    documents: dict[str, _Document] = {}
    for entry in entries:
        if not entry.is_passage:
            continue
        name = article_name(entry)
        document = documents.setdefault(document_of(entry), _Document(head=entry.answer))
        document.amends += (m[1].strip() for m in _AMENDS.finditer(entry.answer))
        if name.startswith("附則"):
            document.title = entry.question.partition(f" {name}")[0]
            document.supplements.append((name, entry.answer))
    return {key: document for key, document in documents.items() if document.supplements}


def _own(document: _Document) -> Effect:
    """What a document's supplements say of itself: its first has no other rule's number."""
    own = [text for name, text in document.supplements if "（" not in name]
    changing = [(name, text) for name, text in document.supplements if "（" in name]
    begins = next(filter(None, (_begins(text, document.head) for text in own)), None)
    changed = [moment for name, text in changing if (moment := _begins(text, name))]
    ends = [moment for text in own for m in _ENDS.finditer(text) if (moment := _moment(m[1]))]
    return Effect(begins=begins, changed=max(changed, key=lambda m: m.day, default=None), ends=ends[-1] if ends else None)


def _begins(text: str, promulgated: str) -> Moment | None:
    """The day that a supplement names; that of its promulgation, which stands elsewhere, where it says so."""
    found = _BEGINS.search(text)
    if found is None:
        return None
    elsewhere = re.search(_DAY, promulgated) if found["promulgated"] else None
    return _moment(elsewhere[0] if elsewhere else found["day"] or "")


def _moment(written: str) -> Moment | None:
    parts = re.findall("[^年月日]*[年月日]", normalise(written))  # 四月一日 in one piece is a family's name
    try:
        year, month, day = (int(in_digits(part)[:-1]) for part in parts)
        return Moment(written=re.sub(r"\s", "", written), day=date(year, month, day))
    except ValueError:
        return None


def _repeals(documents: Mapping[str, _Document]) -> Iterator[tuple[str, str]]:
    """Which document repeals which other one."""
    yield from _named(documents, _repealed)


def _amendments(documents: Mapping[str, _Document]) -> Iterator[tuple[str, str]]:
    """Which document changes which other one."""
    yield from _named(documents, lambda document: dict.fromkeys(document.amends))


def _is_worked_in(by: _Document, amendment: Amendment, document: _Document, effect: Effect) -> bool:
    """Whether a document has been written anew with what an amendment says: it is younger, or has the amendment's supplement, by
    its number or else by its day."""
    begins = amendment.begins
    if begins and effect.begins and begins.day < effect.begins.day:
        return True
    own = _AMENDS.split(by.head, maxsplit=1)[0]  # below stands the number of the rule that it changes
    if number := _number_of(own):
        return number in (_number_of(name) for name, _ in document.supplements)
    return bool(effect.changed and begins and effect.changed.day >= begins.day)


def _number_of(text: str) -> tuple[str, str] | None:
    """The year and the number of 「令和8年3月27日告示第31号」 in a head or in a supplement's name: numbers begin anew each year,
    and not everybody writes the day."""
    found = _NUMBER_OF_RULE.search(text)
    years = _YEAR.findall(text, 0, found.start()) if found else ()
    return (_plain("".join(years[-1])), _plain(found[1])) if found and years else None


def _plain(number: str) -> str:
    return in_digits(normalise(number))


def _named(documents: Mapping[str, _Document], names_in: Callable[[_Document], Iterable[str]]) -> Iterator[tuple[str, str]]:
    """Each document with each other one that it names."""
    titled: dict[str, list[str]] = {}  # a copy has the same title
    for key, document in documents.items():
        titled.setdefault(normalise(document.title), []).append(key)
    for key, document in documents.items():
        for name in names_in(document):
            yield from ((key, other) for other in titled.get(normalise(name), ()) if other != key)


def _repealed(document: _Document) -> Iterator[str]:
    """The names of the rules that a document repeals."""
    for _, text in document.supplements:
        yield from (m[1].strip() for m in _REPEALS.finditer(text))
        for listing in _REPEALED_LIST.finditer(text):
            for line in text[listing.end() :].split("\n"):
                if not (listed := _LISTED.match(line)):
                    break
                yield listed[1].strip()
