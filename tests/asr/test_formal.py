from __future__ import annotations

import pytest

from asr.edits import Edits
from asr.formal import formal

FORMAL = {
    "知ってますけども、やっぱり見てるっていうのは大事なんで": "知っていますが、やはり見ているというのは大事なので",
    "いろんな意見があるんじゃないですか。": "いろいろな意見があるのではないですか。",
    "食べちゃった。読んじゃって、置いとく": "食べてしまった。読んでしまって、置いておく",
    "難しいけど、できると思います": "難しいけれども、できると思います",
    "そうだったんですけど、": "そうだったのですが、",
    "市長って人は学生じゃない": "市長という人は学生ではない",
    "それはですね、大変ですよね。": "それは大変です。",
    "やってんです": "やっているのです",
    "食べれます。見れます。": "食べられます。見られます。",
    "すごくいいって思います": "とてもいいと思います",
}
KEPT = (
    "なんで来たの。,どこを見れば分かりますか,それは市役所ではない,見てから行きます,手で持って,けれども,そうですか。,"
    "行かないでください"
).split(",")


@pytest.mark.parametrize(("spoken", "written"), FORMAL.items())
def test_spoken_forms_are_written_out(spoken: str, written: str) -> None:
    assert formal(Edits(spoken)).text == written
    assert formal(Edits(written)).text == written


@pytest.mark.parametrize("text", KEPT)
def test_what_is_written_language_already_stays(text: str) -> None:
    assert formal(Edits(text)).text == text
