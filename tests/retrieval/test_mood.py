"""Promises about the same words in another sense: who denies, suffers or asks for something else has not asked the same."""

from __future__ import annotations

import pytest

from retrieval.mood import mood_of


@pytest.mark.parametrize(
    ("asked", "known", "same"),
    [
        ("税金を払えない", "税金が払えません", True),
        ("税金を払える", "税金が払えない", False),
        ("介護保険を使いたい", "介護保険を使うにはどうする", True),
        ("水を止められた", "水を止めてほしい", False),
        ("証明書はいつ取れる", "証明書はどこで取れる", False),
        ("手当はもらえませんか", "手当はもらえますか", True),
    ],
)
def test_the_same_words_ask_the_same_only_in_the_same_sense(asked: str, known: str, same: bool) -> None:
    assert mood_of(asked).fits(mood_of(known), is_name=False) is same


def test_what_only_names_something_is_asked_for_all_there_is_to_it() -> None:
    assert mood_of("死亡届はどこ").fits(mood_of("死亡届"), is_name=True)
