"""The era of a year is written, also where it was heard as a nought."""

from __future__ import annotations

import pytest

from asr.edits import Edits
from asr.era import in_era
from asr.transcript import Reason


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("ただいまから、0は8年度第一回会議を", "ただいまから、令和8年度第一回会議を"),
        ("零は元年と０は十二年", "令和元年と令和十二年"),
        ("残りの0は8件です", "残りの0は8件です"),
        ("10は8年前です", "10は8年前です"),
        ("待機児童数0は3年度も同じです", "待機児童数0は3年度も同じです"),
        ("赤字が0は5年ぶりで、0は3年連続です", "赤字が0は5年ぶりで、0は3年連続です"),
        ("昨年の0は7年後半から", "昨年の令和7年後半から"),
    ],
)
def test_a_nought_before_a_year_is_the_era(heard: str, written: str) -> None:
    edits = in_era(Edits(heard))
    assert edits.text == written
    assert {r for c in edits.changes for r in c.reasons} <= {Reason.VOCABULARY}
