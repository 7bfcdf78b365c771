"""Written Japanese becomes Japanese that can be understood by ear, and keeps its meaning."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_skill.wording import phone, read_out, sentences


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("電話：0986-76-1111", "電話、ゼロ キュウ ハチ ロク、ナナ ロク、イチ イチ イチ イチ。"),
        ("電話０９８６（７６）１１１１", "電話ゼロ キュウ ハチ ロク、ナナ ロク、イチ イチ イチ イチ。"),
        ("（0986）76-1111へ", "ゼロ キュウ ハチ ロク、ナナ ロク、イチ イチ イチ イチへ。"),
        ("090-1234-5678", "ゼロ キュウ ゼロ、イチ ニー サン ヨン、ゴー ロク ナナ ハチ。"),
        ("0986761111", "ゼロ キュウ ハチ、ロク ナナ ロク、イチ イチ イチ イチ。"),
        ("小児救急は#8000です。", "小児救急はシャープ ハチ ゼロ ゼロ ゼロです。"),
        ("火事は119番、事件は110番です。", "火事はひゃくじゅうきゅうばん、事件はひゃくとおばんです。"),
    ],
)
def test_phone_numbers_are_read_digit_by_digit(written: str, said: str) -> None:
    assert read_out(written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("受付は8:30〜17:15です。", "受付は8時30分から17時15分までです。"),
        ("受付は8:30-17:00です。", "受付は8時30分から17時までです。"),
        ("平日 8時30分〜17時15分", "平日 8時30分から17時15分まで。"),
        ("8時30分～17時15分までです。", "8時30分から17時15分までです。"),
        ("期間は10月1日〜11月30日です。", "期間は10月1日から11月30日までです。"),
        ("月曜日〜金曜日に開きます。", "月曜日から金曜日まで開きます。"),
        ("土曜日は9時30分〜17時に開いています。", "土曜日は9時30分から17時まで開いています。"),
        ("６〜１２歳のお子さん", "6から12歳までのお子さん。"),
        ("次は11月24日（火）8時30分です。", "次は11月24日火曜日8時30分です。"),
        ("2026/4/1から", "2026年4月1日から。"),
        ("11月23日（月・祝）は休みです。", "11月23日月曜日は休みです。"),
    ],
)
def test_times_dates_and_ranges_are_said_in_words(written: str, said: str) -> None:
    assert read_out(written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("手数料は１，０００円です。", "手数料は1000円です。"),
        ("¥300です。", "300円です。"),
        ("50㎡以上の家", "50平方メートル以上の家。"),
        ("10kgまで、長さ50cmまで", "10キログラムまで、長さ50センチメートルまで。"),
        ("※代理人は委任状が必要です。", "なお、代理人は委任状が必要です。"),
        ("3割・2割の方", "3割、2割の方。"),
        ("スーパー・コンビニ", "スーパー・コンビニ。"),
        ("料金は500円〜となります。", "料金は500円からとなります。"),
    ],
)
def test_signs_and_units_are_said_in_words(written: str, said: str) -> None:
    assert read_out(written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("持ち物\n・印鑑\n・通帳", "持ち物。印鑑。通帳。"),
        ("①申請書\n②本人確認書類", "申請書。本人確認書類。"),
        ("1. 申請書\n2) 通帳\n- 印鑑", "申請書。通帳。印鑑。"),
        ("【必要なもの】印鑑", "必要なもの。印鑑。"),
        ("## 手続き\n**市民課**へ", "手続き。市民課へ。"),
        ("市民課（本庁1階）へどうぞ。", "市民課、本庁1階へどうぞ。"),
        ("市民課（本庁1階）か支所へ", "市民課、本庁1階か支所へ。"),
        ("平日（祝日を除く）です。", "平日、祝日を除く、です。"),
        ("曽於市（そおし）の「窓口」", "曽於市の窓口。"),
        ("「転入」「転出」のように「いのちの電話」電話で", "転入、転出のようにいのちの電話、電話で。"),
        ("詳しくは https://www.city.soo.example/a?b=1 をご覧ください。", "詳しくは 市のホームページをご覧ください。"),
        ("お問い合わせ: info@city.soo.example", "お問い合わせ。"),
        ("3.5を超える", "3.5を超える。"),
    ],
)
def test_layout_links_and_brackets_are_unfolded(written: str, said: str) -> None:
    assert read_out(written) == said


def test_sentences_keep_their_ends_and_lose_nothing() -> None:
    assert sentences("できます。本当ですか？はい！終わり") == ["できます。", "本当ですか？", "はい！", "終わり"]


def test_ungrouped_and_grouped_numbers_have_the_same_digits() -> None:
    assert phone("0986-00-0101").replace("、", " ").split() == phone("0986000101").replace("、", " ").split()


@given(st.text(alphabet="曽於市（）()【】「」・〜-:/0123456789.,、。\n ※①#あァーkgm時分日月円", max_size=60))
def test_any_text_is_cleaned_without_links_brackets_or_lines(text: str) -> None:
    said = read_out(text)
    assert not set(said) & set("（）()【】「」\n※〜")
