"""Promises of comparing answers: what is denied, counted or limited otherwise is a contradiction; other wording is none."""

from __future__ import annotations

import pytest

from retrieval.claims import claims_of, contradict, same_claims


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("申請できます。市民課へお越しください。", "申請できません。"),
        ("所得制限はあります。", "所得制限はありません。"),
        ("所得制限はあります。", "ありません。"),
        ("所得制限はありません。", "所得制限を設けています。"),
        ("届出が必要です。", "届出は不要です。"),
        ("届出が必要です。", "届出は必要ありません。"),
        ("届出をしてください。", "届出はいりません。"),
        ("対象です。", "対象外です。"),
        ("対象になります。", "対象になりません。"),
        ("手数料は無料です。", "手数料は有料です。"),
        ("手数料は無料です。", "手数料は300円です。"),
        ("郵送での利用は可能です。", "郵送での利用は不可です。"),
        ("園でお子さんを預かります。", "園でお子さんは預かれません。"),
        ("18歳以上の方が申請できます。", "18歳未満の方が申請できます。"),
        ("18歳以上の方が申請できます。", "18歳を超える方が申請できます。"),
        ("引っ越す前に届け出てください。", "引っ越した後に届け出てください。"),
        ("引っ越した日から14日以内に届け出てください。", "引っ越した日から三十日以内に届け出てください。"),
        ("納期限は5月31日です。", "納期限は6月30日です。"),
        ("可燃ごみは毎週月曜日に収集します。", "可燃ごみは毎週火曜日に収集します。"),
        ("窓口は9時から開いています。", "窓口は10時から開いています。"),
        ("市民課へどうぞ。\n代理人も証明書を請求できます。", "本人がお越しください。代理人は証明書を請求できません。"),
    ],
)
def test_answers_that_cannot_both_be_true_are_told(a: str, b: str) -> None:
    assert contradict(claims_of(a), claims_of(b))
    assert contradict(claims_of(b), claims_of(a))
    assert not same_claims(claims_of(a), claims_of(b))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("引っ越した日から14日以内に届け出てください。", "引っ越した日から十四日までに届け出てください。"),
        ("1ヶ月前までに申し込んでください。", "１か月前までに申し込みます。"),
        ("届け出てください。", "届け出なければなりません。"),
        ("本人が申請できます。", "本人か、代理人が申請できます。"),
        ("市民課で申請してください。", "申請できないときは、市民課へお電話ください。"),
        ("手当は15歳までです。", "手当は申請した月の翌月から支給します。"),
    ],
)
def test_answers_in_other_words_do_not_contradict(a: str, b: str) -> None:
    assert not contradict(claims_of(a), claims_of(b))
