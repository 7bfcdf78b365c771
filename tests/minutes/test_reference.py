"""Promises of sentences that only refer to others: what they mean is quoted from before them, and nothing else is."""

from __future__ import annotations

import time

import pytest

from asr.transcript import Segment
from minutes.candidates import candidates
from minutes.point import Candidate


def heard(text: str) -> list[Candidate]:
    """The candidates of a passage, one speaker a line."""
    lines = [line.strip().partition(": ")[::2] for line in text.strip().splitlines()]
    return candidates(
        [Segment(start_s=i * 9.0, end_s=i * 9.0 + 9, text=t, speaker=who or None) for i, (who, t) in enumerate(lines)]
    )


def meant(text: str, last: str) -> list[str]:
    """What is quoted before the candidate that ends so."""
    (found,) = [c for c in heard(text) if c.quote.text.endswith(last)]
    return [quote.text for quote in found.about]


MEANT = [
    (
        """議長: お諮りいたします。会期は、本日から12月18日までの18日間といたしたいと思います。これにご異議ありませんか。
        議員: 異議なし。
        議長: ご異議なしと認めます。よって、そのように決しました。""",
        "そのように決しました。",
        ["会期は、本日から12月18日までの18日間といたしたいと思います。"],
    ),
    (
        """議長: 議案第45号、市税条例の一部改正についてを議題といたします。
        議員: 議案第12号のときも伺いましたが、税率が上がる理由は何でしょうか。
        税務課長: 国の基準に合わせるためでございます。
        議長: これより採決いたします。起立全員であります。よって、本案は原案のとおり可決されました。""",
        "可決されました。",
        ["議案第45号、市税条例の一部改正についてを議題といたします。"],
    ),
    (
        """委員長: 所管事務の調査は閉会中も行うこととし、議長に申し出たいと思いますが、いかがでしょうか。
        委員: 異議なし。
        委員長: それでは、そのようにいたします。""",
        "そのようにいたします。",
        ["所管事務の調査は閉会中も行うこととし、議長に申し出たいと思いますが、いかがでしょうか。"],
    ),
    (
        """副市長: 確定申告の会場は混むので、大隅支所でも開いたらどうかという話でしたね。
        税務課長: はい、人は足ります。2月の第2週からなら開けます。
        副市長: では、それで決定ということで。""",
        "それで決定ということで。",
        ["確定申告の会場は混むので、大隅支所でも開いたらどうかという話でしたね。", "2月の第2週からなら開けます。"],
    ),
    (
        """市長: 庁舎の照明は全部LEDに替える。来年度の当初予算に載せる。
        財政課長: 分かりました。
        市長: これで行きましょう。""",
        "これで行きましょう。",
        ["庁舎の照明は全部LEDに替える。", "来年度の当初予算に載せる。"],
    ),
    (
        """部長: 防災訓練は11月8日に、財部地区でやりたいと思います。
        総務課長: 消防団も都合がつくそうです。
        市長: じゃあ、そうしましょう。""",
        "そうしましょう。",
        ["防災訓練は11月8日に、財部地区でやりたいと思います。"],
    ),
    (
        """事務局: 第2章の表現を「推進する」に改めたいと考えております。
        会長: 事務局の説明のとおりでよろしいでしょうか。
        委員: 異議なし。
        会長: それでは、この内容で了承といたします。""",
        "この内容で了承といたします。",
        ["第2章の表現を「推進する」に改めたいと考えております。"],
    ),
    (
        """会長: 今年の清掃は、5月10日の朝7時からにしたいと思います。これにご異議ございませんか。
        会員: 異議なし。""",
        "これにご異議ございませんか。",
        ["今年の清掃は、5月10日の朝7時からにしたいと思います。"],
    ),
    (
        """議長: 会議録の署名は、3番山田議員にお願いしたいと思います。
        議長: ご異議なしと認めます。""",
        "ご異議なしと認めます。",
        ["会議録の署名は、3番山田議員にお願いしたいと思います。"],
    ),
    (
        """総務課長: 給与システムの更新費用が、見積もりで1億2千万円になりました。
        副市長: 高いですね。それは総務課でもう一度精査して、来週までに報告してください。""",
        "来週までに報告してください。",
        ["給与システムの更新費用が、見積もりで1億2千万円になりました。"],
    ),
    (
        """委員: 通学バスの停留所を、もう一つ南に動かせないかという声があります。
        会長: 事務局、いかがですか。
        事務局: その点は持ち帰って、次回お示しします。""",
        "次回お示しします。",
        ["通学バスの停留所を、もう一つ南に動かせないかという声があります。"],
    ),
    (
        """市長: 記録は庁内のサーバーで処理することとします。
        総務課長: 承知しました。
        市長: ほかにご意見はありますか。
        市民課長: 電話の記録も同じ仕組みで文字にできると聞いています。
        市民課長: 聞き間違いが減るので、ぜひ一緒に使わせてください。
        市長: それも総務課で調べて、次回までに報告してください。""",
        "次回までに報告してください。",
        ["聞き間違いが減るので、ぜひ一緒に使わせてください。"],
    ),
    (
        """市長: この橋は、来年架け替えることになっています。
        議員: その費用はいくらですか。
        建設課長: 2億円でございます。""",
        "その費用はいくらですか。",
        ["この橋は、来年架け替えることになっています。"],
    ),
]

NOTHING = [
    # a sentence that says itself what it is about
    "議長: お諮りします。\n議長: 議案第45号は、原案のとおり可決されました。",
    "市長: 来月の話です。\n市長: それでは、チャットボットは来年4月から運用を始めることに決定します。",
    "課長: 予算が足りません。\n市長: 財政課で試算を作成して、次回までに報告してください。",
    # what was decided before is not meant
    "市長: 清掃は5月10日に行うことに決定します。\n市長: では、この方向で決定します。",
]

NO_DECISION = [
    "課長: お昼が近いので、休憩を入れましょうか。\n係長: はい、そうしましょう。",
    "課長: 窓口の延長は毎週木曜日に行っています。\n課長: そのようにご案内しております。",
    "住民: それは決定なんですか。\n課長: いいえ、決定ではありません。",
    "会長: 今日は結論を出さないことにしたいと思います。\n委員: それでお願いします。",
    "課長: では、それで決定ということで。",
    "部長: みなさんそのように理解しているということで、よろしいですね。\n課長: はい。",
    "委員: 表紙の写真は市民から募集したらどうでしょうか。\n委員: 私も賛成です。",
]


@pytest.mark.parametrize(("text", "last", "quoted"), MEANT)
def test_what_a_sentence_refers_to_is_quoted(text: str, last: str, quoted: list[str]) -> None:
    assert meant(text, last) == quoted


@pytest.mark.parametrize("text", NOTHING)
def test_a_sentence_that_says_it_itself_is_quoted_alone(text: str) -> None:
    found = heard(text)
    assert found
    assert [c.about for c in found] == [()] * len(found)


@pytest.mark.parametrize("text", NO_DECISION)
def test_what_only_sounds_like_it_is_no_candidate(text: str) -> None:
    assert heard(text) == []


def test_what_is_meant_has_its_place_and_who_said_it() -> None:
    (found,) = heard("課長: 夏祭りは8月の第1土曜日にしたいと思います。\n市長: では、そのように決定します。")
    assert [(q.start_s, q.speaker) for q in (*found.about, found.quote)] == [(0, "課長"), (9, "市長")]


@pytest.mark.timed
def test_a_meeting_of_nothing_but_references_is_looked_at_in_linear_time() -> None:
    for text in (
        "そのように決定します。",
        "本案は原案のとおり可決されました。",
        "異議なしと認めます。",
        "それで" * 600,
        "これにご" * 400,
    ):
        many = [Segment(start_s=i * 5.0, end_s=i * 5.0 + 5, text=text, speaker="議長") for i in range(400)]
        began = time.perf_counter()
        candidates(many)
        assert time.perf_counter() - began < 2
