"""A new index version in, nothing out: raises when it must not serve, and the version before goes on."""

from __future__ import annotations

from datetime import date

import numpy as np

from core.errors import MadoguchiError
from retrieval.analysis import normalise, same_question, strip_politeness
from retrieval.entry import Entry
from retrieval.index import Index, Rows
from retrieval.wording import Wording

_ANY_DAY = date(2026, 1, 1)
ASKED = 40  #: entries that are asked for, evenly over the knowledge base
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
    found = by_words = 0
    for i, entry in asked:
        text = strip_politeness(normalise(entry.question))
        hits = index.search(text, rows.question_vectors[first_row[i]], top=3, day=_day_of(entry))
        # Passages under one heading all ask the same: any of them will do.
        found += same_question(entry.question) in {same_question(q) for h in hits for q in h.entry.questions}
        by_words += any(h.evidence.lexical_z > 0 for h in hits)
    if asked and min(found, by_words) < FOUND_AT_LEAST * len(asked) and len(asked) > 3:
        raise _refused("項目を、その質問で見つけられません")


def _day_of(entry: Entry) -> date:
    """A day on which it is shown, if there is one."""
    return entry.valid_from or entry.valid_until or _ANY_DAY


def _has_words(entry: Entry, wording: Wording) -> bool:
    """Whether its question can be found by words at all: an older release took in what has none."""
    text = strip_politeness(normalise(entry.question))
    return bool(wording.lemmas(text) or wording.kana_grams(text))


def _refused(why: str) -> MadoguchiError:
    return MadoguchiError(
        f"新しい索引が検査に通りませんでした({why})。今までの索引をそのまま使います。"
        "しばらくして同じときは、最近登録した項目や同義語を確かめ、管理者に知らせてください。"
    )
