"""Written Japanese becomes Japanese that can be understood by ear, and keeps its meaning."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.settings import CHECKOUT
from core.table import read_table
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
        ("火事は119番、事件は110番です。", "火事はいちいちきゅうばん、事件はひゃくとおばんです。"),
        ("消費者ホットライン「188」へ", "消費者ホットラインいちはちはちへ。"),
        ("海では118番、虐待は電話189へ", "海ではいちいちはちばん、虐待は電話いちはちきゅうへ。"),
        ("末吉町119番地、整理番号は110です。", "末吉町119番地、整理番号は110です。"),
    ],
)
def test_phone_numbers_are_read_digit_by_digit(written: str, said: str) -> None:
    assert read_out(written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("受付は8:30〜17:15です。", "受付は8時30分から17時15分までです。"),
        ("月〜金 9:00〜正午", "月曜日から金曜日まで 9時から正午まで。"),
        ("7/1（水）〜7/31（金）", "7月1日水曜日から7月31日金曜日まで。"),
        ("1,200円/枚です。", "1枚につき1200円です。"),
        ("1万2,000円/年", "1年につき1万2000円。"),
        ("約500円/人です。", "1人につき約500円です。"),
        ("2,000〜3,000円/人です。", "1人につき2000から3000円までです。"),
        ("500円/本人、1,000円/月額", "500円、本人、1000円、月額。"),
        ("月〜金曜日と、毎週土〜日", "月曜日から金曜日までと、毎週土曜日から日曜日まで。"),
        ("受付は8:30-17:00です。", "受付は8時30分から17時までです。"),
        ("受付は9:00~17:00です。", "受付は9時から17時までです。"),
        ("10月1日~10月31日", "10月1日から10月31日まで。"),
        ("1,000円~2,000円", "1000円から2000円まで。"),
        ("月~金", "月曜日から金曜日まで。"),
        ("くわしくはhttps://example.jp/~soo/をご覧ください。", "くわしくは市のホームページをご覧ください。"),
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
        ("①申請書\n②本人確認書類", "1、申請書。2、本人確認書類。"),
        ("1. 申請書\n2) 通帳\n- 印鑑", "1、申請書。2、通帳。印鑑。"),
        ("【必要なもの】印鑑", "必要なもの。印鑑。"),
        ("## 手続き\n**市民課**へ", "手続き。市民課へ。"),
        ("市民課（本庁1階）へどうぞ。", "市民課、本庁1階へどうぞ。"),
        ("市民課（本庁1階）か支所へ", "市民課、本庁1階か支所へ。"),
        ("平日（祝日を除く）です。", "平日、祝日を除く、です。"),
        ("曽於市（そおし）の「窓口」", "曽於市の窓口。"),
        ("「転入」「転出」のように「いのちの電話」電話で", "転入、転出のようにいのちの電話、電話で。"),
        ("詳しくは https://www.city.soo.example/a?b=1 をご覧ください。", "詳しくは 市のホームページをご覧ください。"),
        ("お問い合わせ: info@city.soo.example", "お問い合わせ。アドレスは、文字のご案内にあります。"),
        ("メールアドレスは info@city.soo.example です。", "メールアドレスは 文字のご案内のとおりです。"),
        (
            "申込書はinfo@city.soo.exampleに送ってください。",
            "申込書はメールアドレスに送ってください。アドレスは、文字のご案内にあります。",
        ),
        ("市のホームページ（https://www.city.soo.example/a）をご覧ください。", "市のホームページをご覧ください。"),
        ("www.city.soo.example/a かcity.soo.lg.jp をご覧ください。", "市のホームページか市のホームページをご覧ください。"),
        ("3.5を超える", "3.5を超える。"),
    ],
)
def test_layout_links_and_brackets_are_unfolded(written: str, said: str) -> None:
    assert read_out(written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("②の書類は18歳未満の方だけです。", "2の書類は18歳未満の方だけです。"),
        ("①〜③のいずれか", "1から3までのいずれか。"),
        ("補助率は1/2以内、上限2/3", "補助率は2分の1以内、上限3分の2。"),
        ("4/1(水)から", "4月1日水曜日から。"),
        ("12/28〜1/4は休みです。", "12月28日から1月4日までは休みです。"),
        ("祝日、12/29〜1/3を除く", "祝日、12月29日から1月3日までを除く。"),
        ("R8.4.1から", "令和8年4月1日から。"),
        ("R1.5.1から", "令和元年5月1日から。"),
        ("-5℃以下で水道管が凍ります。", "マイナス5度以下で水道管が凍ります。"),
        ("3-5日かかります。", "3から5日かかります。"),
        ("10時〜、15時〜の2回", "10時から、15時からの2回。"),
        ("1〜3歳児", "1から3歳児まで。"),
        ("〒899-8692", "郵便番号、ハチ キュウ キュウのハチ ロク キュウ ニー。"),
        ("内線123", "内線イチ ニー サン。"),
        ("手数料※1は300円※65歳以上は無料", "手数料は300円。なお、65歳以上は無料。"),
        ("※1 代理人は委任状が要ります。", "なお、代理人は委任状が要ります。"),
        ("・支援：国、県、市の補助があります。", "支援。国、県、市の補助があります。"),
        ("「何が要りますか。」のご案内", "何が要りますか、のご案内。"),
        ("1:5に薄める", "1対5に薄める。"),
    ],
)
def test_what_is_exact_stays_exact_in_words(written: str, said: str) -> None:
    assert read_out(written) == said


def test_no_number_of_the_sample_city_is_lost_on_the_way_to_the_ear() -> None:
    for path in sorted((CHECKOUT / "samples" / "soo" / "faq").glob("*.csv")):
        for row in read_table(path).rows:
            for written in (row.cells["answer"], row.cells["speech"]):
                assert digits(read_out(written)) == digits(written), written


def digits(text: str) -> str:
    """All of them in order, in whichever form they are written or said."""
    text = text.replace("いちいちきゅうばん", "119").replace("ひゃくとおばん", "110")
    for digit, name in enumerate("ゼロ イチ ニー サン ヨン ゴー ロク ナナ ハチ キュウ".split()):
        text = re.sub(rf"(?<![ァ-ヺー]){name}(?![ァ-ヺー])", str(digit), text)
    return "".join(re.findall(r"\d", unicodedata.normalize("NFKC", text).replace(":00", "時")))


def test_sentences_keep_their_ends_and_lose_nothing() -> None:
    assert sentences("できます。本当ですか？はい！終わり") == ["できます。", "本当ですか？", "はい！", "終わり"]


def test_ungrouped_and_grouped_numbers_have_the_same_digits() -> None:
    assert phone("0986-00-0101").replace("、", " ").split() == phone("0986000101").replace("、", " ").split()


@given(st.text(alphabet="曽於市（）()【】「」・〜-:/0123456789.,、。\n ※①#あァーkgm時分日月円", max_size=60))
def test_any_text_is_cleaned_without_links_brackets_or_lines(text: str) -> None:
    said = read_out(text)
    assert not set(said) & set("（）()【】「」\n※〜")
