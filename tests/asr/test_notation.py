from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.edits import Edits
from asr.notation import official
from asr.transcript import Reason

WRITTEN = {
    "令和八年四月一日から施行します": "令和8年4月1日から施行します",
    "二〇二六年十二月定例会": "2026年12月定例会",
    "一九四五年八月十五日": "1945年8月15日",
    "午後三時三十分に再開します": "午後3時30分に再開します",
    "午後一時半から": "午後1時半から",
    "二十五人が参加しました": "25人が参加しました",
    "一億二千万円": "1億2,000万円",
    "三千五百円": "3,500円",
    "六万二千二百五十円": "6万2,250円",
    "1億2000万円と3500円": "1億2,000万円と3,500円",
    "2千万円で15000人": "2,000万円で15,000人",
    "五パーセント、三点五パーセント、3点5パーセント": "5パーセント、3.5パーセント、3.5パーセント",
    "三分の二以上の同意": "3分の2以上の同意",
    "議案第十二号、第三条第二項、第二回定例会、第一四半期": "議案第12号、第3条第2項、第2回定例会、第1四半期",
    "3ヶ所で二ヶ月": "3か所で2か月",
    "〇九八六の七六の八八〇一": "0986-76-8801",
    "0986の76の8801へ": "0986-76-8801へ",
    "ゼロ九〇の一二三四の五六七八": "090-1234-5678",
    "１２３人": "123人",
    "六十五歳以上の三割": "65歳以上の3割",
    "三十三度五分": "33度5分",
    "一階と二階で十分間": "1階と2階で10分間",
    "一日二回、一回二錠": "1日2回、1回2錠",
    "一日に約三百円、一日あたり八時間": "1日に約300円、1日あたり8時間",
    "一人一台、一人当たり二千円": "1人1台、1人当たり2,000円",
    "一人、二人、三人と増え": "1人、2人、3人と増え",
    "一点目と二点目": "1点目と2点目",
    "二点五キロと三点五ヘクタールで一点五億円": "2.5キロと3.5ヘクタールで1.5億円",
    "第二次総合計画の第一段階、第三子": "第2次総合計画の第1段階、第3子",
    "二丁目三番地": "2丁目3番地",
    "三対二で、賛成は二十五でした": "3対2で、賛成は25でした",
    "人口は三万二千です": "人口は3万2,000です",
    "一二〇〇円": "1,200円",
    "第三条の二の規定、第十条の二第一項": "第3条の2の規定、第10条の2第1項",
    "一日から十日まで、毎月一日と十五日": "1日から10日まで、毎月1日と15日",
    "三千から四千円、二十ないし三十件": "3,000から4,000円、20ないし30件",
    "賛成十五、反対三。定数は二十です": "賛成15、反対3。定数は20です",
    "一番議員、二番、三番委員、百十番": "1番議員、2番、3番委員、110番",
    "一丁目一番一号、三丁目二番地三": "1丁目1番1号、3丁目2番地3",
    "要介護三から五まで、震度五弱、別表第一": "要介護3から5まで、震度5弱、別表第1",
    "三年二組の十代、三割三分三厘、三箇年で三桁": "3年2組の10代、3割3分3厘、3か年で3桁",
    "数10人、約数10万円、20数人、10数名、2、3人、2,3点": "数十人、約数十万円、二十数人、十数名、二、三人、二、三点",
    "3つの柱の1つ目、1人暮らし": "三つの柱の一つ目、一人暮らし",
}

LEFT_ALONE = (
    "一般会計の一部を一緒に 一人ひとり 一人で二人で 三者面談 四国 五十音 第一中学校 二次会 一つ二つ 千葉 万が一 十分です "
    "数十人 数百年 一時的に 一時停止 一日も早く 二三日 二三年 二、三日 三、四人 百条委員会 八百屋 五百羅漢 もう一度 二度と "
    "一番大きい 一本化 第三者委員会 第二次世界大戦 三原さんと八木さん 六本木 市内一円 一石二鳥 一問一答 五月人形 "
    "一軒一軒 一件一件 一日を過ごす 一日一日を大切に 一日一善 一人一人 一人二役 一字一句 一戸建て 一億総活躍社会 三千院 "
    "三十万都市 五十三次 四十七士 十人十色 二級河川 一生懸命 一昨年 何百人 "
    "二十二、三歳 五百二、三十万円 十、二十人 反対二、三人 一から十まで 人数10人 議案第2、3号 10月3、4日 令和2、3年 "
    "2、3年生 2、4人 1、2、3人 一日千秋 十日市 十日町市 千歳市 六ヶ所村 九分九厘 百日咳 百歳体操 三百代言 一番街 二番煎じ "
    "2026年 1205号室 0986-76-8801 2,500円"
).split()


@pytest.mark.parametrize(("heard", "written"), WRITTEN.items())
def test_numbers_are_written_as_official_documents_do(heard: str, written: str) -> None:
    edits = official(Edits(heard))
    assert edits.text == written
    assert {r for c in edits.changes for r in c.reasons} == {Reason.NOTATION}
    assert official(edits) == edits


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_words_that_count_nothing_stay(text: str) -> None:
    assert official(Edits(text)).text == text
    assert official(Edits(f"それは{text}のことです")).text == f"それは{text}のことです"


@given(st.integers(0, 10**12), st.sampled_from(["円", "人", "件"]))
def test_a_counted_number_keeps_its_value(value: int, counter: str) -> None:
    written = official(Edits(f"{value}{counter}")).text
    assert written.replace(",", "") == f"{value}{counter}"


@given(st.text("〇零一二三四五六七八九十百千万億兆012第点分のヶ月円人日回条、", max_size=25))
def test_no_run_of_numbers_is_too_strange(text: str) -> None:
    edits = official(Edits(text))
    undone = edits
    for i in range(len(edits.changes)):
        undone = undone.undo(i)
    assert undone.text == text
