"""A new index version in, nothing out: raises when it must not serve, and the version before goes on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from core.errors import MadoguchiError
from retrieval.analysis import normalise, same_question, strip_politeness
from retrieval.entry import Entry
from retrieval.index import Index, Rows
from retrieval.wording import Wording

_ANY_DAY = date(2026, 1, 1)
ASKED = 40  #: entries that are asked for, evenly over the knowledge base
_NAMED = 3  #: of those that it can't find
FOUND_AT_LEAST = 0.9  #: share of them whose own question must find them, or others that it asks for, among the first three


def check(index: Index, rows: Rows, dimensions: int) -> None:
    """Raises MadoguchiError with what is wrong."""
    wording = index.terms.wording
    if not wording.lemmas("住民票の写しがほしい") or not wording.kana_grams("じゅうみんひょう"):
        raise _refused("日本語の文を単語に分けられません")
    for vectors in (rows.question_vectors, rows.answer_vectors):
        if not np.isfinite(vectors).all() or (len(vectors) and vectors.shape[1] != dimensions):
            raise _refused("文章のベクトルが正しくありません")
    shown = [(i, e) for i, e in enumerate(index.entries) if e.is_valid_on(_day_of(e))]
    asked = [(i, e) for i, e in shown[:: -(-len(shown) // ASKED) or 1] if _has_words(e, wording)]
    first_row = np.searchsorted(rows.question_owners, np.arange(len(index.entries)))
    lost, without_words = list[Entry](), list[Entry]()
    for i, entry in asked:
        text = strip_politeness(normalise(entry.question))
        hits = index.search(text, rows.question_vectors[first_row[i]], top=3, day=_day_of(entry))
        # Passages under one heading all ask the same: any of them will do.
        if same_question(entry.question) not in {same_question(q) for h in hits for q in h.entry.questions}:
            lost.append(entry)
        if not any(h.evidence.lexical_z > 0 for h in hits):
            without_words.append(entry)
    worse = max(lost, without_words, key=len)
    if len(asked) > 3 and len(asked) - len(worse) < FOUND_AT_LEAST * len(asked):
        raise _refused(f"項目を、その質問で見つけられません{_named(worse)}")


def _day_of(entry: Entry) -> date:
    """A day on which it is shown, if there is one."""
    return entry.valid_from or entry.valid_until or _ANY_DAY


def _has_words(entry: Entry, wording: Wording) -> bool:
    """Whether its question can be found by words at all: an older release took in what has none."""
    text = strip_politeness(normalise(entry.question))
    return bool(wording.lemmas(text) or wording.kana_grams(text))


def _named(lost: Sequence[Entry]) -> str:
    """Some of what was not found, for whoever is to look at it; all staff read it, so nothing of a single department's."""
    ids = [e.id for e in lost if not e.confined][:_NAMED]
    return f"。{len(lost)}件、{'、'.join(ids)} など" if ids else ""


def _refused(why: str) -> MadoguchiError:
    return MadoguchiError(
        f"新しい内容が、公開の前の検査に通りませんでした（{why}）。住民や職員には、今までの回答がそのまま出ています。"
        "最近登録した項目の質問や同義語に誤りがないかを確かめ、直してから、もう一度公開してください。直らないときは、管理者に知らせてください。"
    )
