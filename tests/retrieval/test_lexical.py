"""A question's words weigh the same in whatever order they are looked at, so that every process answers alike."""

from __future__ import annotations

import random

import numpy as np

from retrieval.lexical import Bags, Lexicon, Words


def test_the_same_words_cover_the_same_to_the_last_digit_in_any_order() -> None:
    chance = random.Random(1)
    terms, lexicon = [f"語{n}" for n in range(300)], Lexicon()
    questions, answers = (Bags.of([lexicon.bag(chance.sample(terms, size)) for _ in range(40)]) for size in (30, 120))
    query, other = (tuple(chance.sample(terms, len(terms))) for _ in range(2))
    found = [Words(lexicon, questions, answers, np.arange(40), 0.3) for _ in range(2)]
    assert (found[0].covered(query) == found[1].covered(other)).all()
    assert [found[0].coverage(query, i) for i in range(40)] == [found[1].coverage(other, i) for i in range(40)]
