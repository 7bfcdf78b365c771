"""「契約規則第12条は」 in, that article letter by letter out; a choice where several rules have it, or that none has.

Search can't tell 第12条 from 第12条の2 or from an article that only refers to it; who says a number wants that one and no other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from weakref import WeakKeyDictionary

from dialogue.answer import CHOICES, Act, Answer, Band, Citation, Contact
from dialogue.suggestions import choices_of
from retrieval.articles import Articles, Reference, Rule, article_name, of_rule
from retrieval.documents.passages import LEFT_OUT
from retrieval.entry import DOCUMENT_PREFIX, Entry
from retrieval.index import Index
from retrieval.paragraphs import lines_of

Shown = Callable[[str], tuple[Entry, date] | None]
"""An entry by its id, and when it last changed, where the reader may see it now."""

Counter = Callable[[str | None], Contact | None]
"""The counter of a department, or the general one."""


class Rulebooks:
    """The rules of indexes, each index's made ready when it is first asked for."""

    def __init__(self) -> None:
        self._articles: WeakKeyDictionary[Index, Articles] = WeakKeyDictionary()

    def of(self, index: Index) -> Articles:
        if index not in self._articles:
            self._articles[index] = Articles(index.entries)
        return self._articles[index]


def referred(index: Index, entry_ids: Sequence[str]) -> list[Entry]:
    """What the articles of some passages refer to of their own rules."""
    documents = tuple(f"{i.rpartition(':')[0]}:" for i in entry_ids if i.startswith(DOCUMENT_PREFIX))
    articles = Articles(e for e in index.entries if e.id.startswith(documents)) if documents else None
    found = {e.id: e for i in entry_ids for e in articles.referred(i)} if articles else {}
    return [entry for entry in found.values() if entry.id not in entry_ids]


HandOver = Callable[[str], Answer]
"""Names a counter, after saying why."""


def about_an_article(
    wanted: Reference, articles: Articles, shown: Shown, counter: Counter, hand_over: HandOver, *, document_of: str | None = None
) -> Answer | None:
    """The reply; None where no document has rules, or it is a law of others that is asked about. `document_of` is an entry of the
    rule that was spoken of last."""
    if not articles or (wanted.goes_on and articles.rule_of(document_of or "") is None):
        return None
    # An index that was rolled back to has rules that the reader may no longer hear of, not even by their names.
    rules = articles.rules(wanted.rule, lambda rule: any(shown(e.id) for e in rule.entries), document_of=document_of)
    if not rules:
        return _no_such_rule(wanted, articles, shown, hand_over) if wanted.names_a_rule else None
    found = [seen for held in _held(rules, wanted.name) if (seen := _seen(held, shown))]
    if len(found) == 1:
        return _quoted(wanted, found[0], counter)
    if found:
        return _which(wanted, [seen[0][0] for seen in found], counter)
    return _none_of_it(wanted, rules, hand_over) if wanted.rule else None


def _seen(held: Sequence[Entry], shown: Shown) -> list[tuple[Entry, date]]:
    """An article's entries as they are shown now; none where a part of it is not."""
    seen = [s for entry in held if (s := shown(entry.id))]
    return seen if len(seen) == len(held) else []


def _held(rules: Sequence[Rule], name: str) -> list[list[Entry]]:
    return [held for rule in rules for held in of_rule(rule, name)]


def _quoted(wanted: Reference, seen: Sequence[tuple[Entry, date]], counter: Counter) -> Answer:
    """A whole article, though it may be kept in several passages; the part of it that was asked for stands before it."""
    lines = [(line, place) for place, (entry, _) in enumerate(seen) for line in _lines(entry, goes_on=place > 0)]
    said = [line for line, _ in lines]
    text, place, label = "\n".join(said), 0, ""
    if wanted.part:
        found = lines_of(wanted.part, said)
        if found is None:
            text = f"{wanted.name}に、{wanted.part.name}は見当たりません。全文でお確かめください。\n\n{text}"
        elif len(found) < len(said):
            part = "\n".join(said[found.start : found.stop])
            text = f"【{wanted.name}{wanted.part.name}】\n{part}\n\n【{wanted.name}の全文】\n{text}"
            place, label = lines[found.start][1], wanted.part.name
    cited, updated_on = seen[place]
    return Answer(
        band=Band.ANSWER,
        act=Act.QUESTION,
        text=text,
        confidence=1.0,
        citations=(_naming(label, Citation.of(cited, updated_on), article_name(cited)),),
        contact=counter(cited.department),
    )


def _lines(entry: Entry, *, goes_on: bool) -> list[str]:
    """A passage's lines, without the words that lead to its list where the passage before it has them."""
    text = entry.answer.rpartition(f"\n{LEFT_OUT}\n")[2] if goes_on else entry.answer
    return text.split("\n")


def _naming(part: str, citation: Citation, article: str) -> Citation:
    """The citation with the paragraph behind the article's number, before the page."""
    title = citation.source_title or ""
    return replace(citation, source_title=title.replace(f" {article}", f" {article}{part}", 1)) if part else citation


def _which(wanted: Reference, entries: Sequence[Entry], counter: Counter) -> Answer:
    text = f"{wanted.name}は、いくつかあります。お調べのものを選んでください。"
    if len(entries) > CHOICES:
        text += "この中にないときは、文書の名前を付けてお尋ねください。"
    return Answer(
        band=Band.CLARIFY,
        act=Act.QUESTION,
        text=text,
        confidence=0.5,
        suggestions=choices_of(entries[:CHOICES]),
        contact=counter(entries[0].department),
    )


def _none_of_it(wanted: Reference, rules: Sequence[Rule], hand_over: HandOver) -> Answer:
    titles = "」と「".join(rule.title for rule in rules[:CHOICES])
    return hand_over(f"「{titles}」に、{wanted.name}は見つかりません。")


def _no_such_rule(wanted: Reference, articles: Articles, shown: Shown, hand_over: HandOver) -> Answer:
    held_alike = _held(articles.alike(wanted.rule), wanted.name)
    alike = [seen[0][0] for held in held_alike if (seen := _seen(held, shown))]
    answer = hand_over(f"「{wanted.rule}」という名前の文書は、ご案内できる文書の中に見つかりません。")
    return replace(answer, suggestions=choices_of(alike[:CHOICES]))
