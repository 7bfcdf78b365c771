"""Promises about danger: it is never missed, its reply names whom to call, and no question to the city hall is taken for it."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from core.settings import CHECKOUT
from dialogue.dialect import in_standard
from dialogue.emergency import WHAT_TO_DO, Emergency, emergency_in
from dialogue.rule import Rule
from dialogue.wording import Wording, read_wording
from retrieval.analysis import normalise

SOO = CHECKOUT / "samples" / "soo"

GAS = """
ガス漏れしてる ガス漏れ ガスもれです プロパンガスが漏れている プロパンが漏れた ガス臭い 台所がガスくさい ガスの臭いがする
ガスのにおいがします ガス漏れ警報器が鳴っている ガス漏れはどこに連絡すればいい ガス漏れしたらどこに電話 灯油が漏れた
灯油タンクから漏れている ガソリンが流出した 一酸化炭素中毒かも 一酸化炭素中毒です
排気ガスかと思ったらガス漏れでした 排ガスではなくガスが漏れている
""".split()
POISON = """
赤ちゃんが洗剤を口に入れた 孫が私の薬を飲んでしまった マムシにやられた マムシにかまれた マムシに咬まれた ハブに噛まれました
蛇に足をかまれた マムシにかまれたときはどうすればいい 洗剤を飲んだ 農薬を飲んでしまった 子供がボタン電池を飲んだ
子どもが洗剤を誤って飲みました 赤ちゃんがたばこを食べた 農薬の入った水を飲んだ 灯油を子供が飲んだ ボタン電池を飲み込んだ
孫が誤飲した 誤飲 薬をたくさん飲んだ 睡眠薬を大量に飲んだ 間違えて薬を飲んだ 漂白剤を飲んじゃった 電池を飲んだらどうすればいい
農薬がかかった 農薬が目に入った 除草剤を顔に浴びてしまった 漂白剤が子どもの目に入りました 洗剤が目に入って痛い
""".split()
DESPAIR = """
もう生きたくない 死にたくなる いなくなりたい 生きていくのがつらい 消えたい もう消えてしまいたい 飛び降りる 飛び降りたい
リストカットしてしまう リストカットがやめられない 娘が自殺をほのめかしている 死ぬしかない 生きていたくない
もう生きるのがつらい 生きてるのがしんどい 生きるのに疲れた 生きる意味がない 死にたい 自殺しようと思う 自殺を考えている
手首を切ってしまった しにたい きえたい 首を吊りたい 首を吊っている 首をつった 父も首をつった 一家心中を考えている
子どもを殺してしまいそう 線路に飛び込みたい 死にたか 消えてしまいたか もう生きたくなか
""".split()
LIFE = """
子供が用水路に流された 川に流された 子どもが溺れそう 家の中まで水が来た 土砂が家に流れ込んだ 土砂崩れで人が埋まった
認知症の母がいなくなった 子供がいなくなった 天ぷら鍋に火がついた カーテンに火が燃え移った 火が消えない
赤ちゃんがぐったりして泣かない 子供が川に落ちた 川に子どもが落ちました 屋根から落ちた はしごから落ちて動けない
父が屋根から落ちました 車が田んぼに落ちた トラクターが横転した 川があふれて家に水が入ってきた 川が氾濫した 家が浸水している
土砂崩れで家がつぶれた 家が土砂で潰れました 息子が山で行方不明 母の行方が分からない 父が山から帰ってこない 心臓が痛い
火事のときは何番にかければいいですか 救急車は何番
胸が苦しい 急に胸が痛くなった 息が苦しい スズメバチに刺されて息苦しい 蜂に刺されて全身にじんましん 破水した 陣痛が
陣痛が始まった 餅を喉に詰まらせた 子供がけいれんしている 倒れてる 道で倒れている人がいる 人が流されている 父が倒れている
父が庭で倒れてます じいちゃん倒れてる 隣のおばさんが庭で倒れている 父がはしごから落ちて倒れている 気分が悪くて倒れている
もう倒れてる 今倒れてる 母が倒れました 倒れている。早く来て 高齢の方が倒れている 木が倒れて人が下敷き
木が倒れて人が下敷きになった トラクターの下敷きになった 子どもが車に閉じ込められた エレベーターに閉じ込められた 流されてる
呼んでも返事がない 母が転んで動けない 祖母が階段から落ちて起き上がれません 主人が帰ってこない お母さんが帰ってこない
ばあさんがどけ行ったかわからん 主人がどこに行ったか分からない 交通事故にあった 車をぶつけられた 孤独死しているかもしれない
隣の人が死んでいる 裏山が崩れた 崖が崩れている 煙が見える 子どもが倒れた塀にはさまれた たすけて かじです きゅうきゅうしゃよんで
むねがくるしい ちがとまらない ごみがもえている けむりがみえる 息をしとらん
家が燃えちょっ 山が燃えちょっど 煙が出ちょる 血が止まらん 息ができん 息をしちょらん 意識がなか 転んで動けん 落ちて立てん
ばあちゃんが倒れちょっ おやっどんが倒れちょっ おっかんが息をしちょらん 川に流されちょっ 孫が池に落ちもした 火が消えん
赤ちゃんが泣かん おぼれちょる 胸が痛か 主人が戻ってこん 子どもがひきつけた トラクターの下敷き コンバインの下敷きじゃ
意識がもうろうとしている 草刈り機で足を切った チェーンソーで指を切りました 指がちぎれた 感電した 大やけどをした 熱中症で動けない
停電で酸素の機械が動かない 酸素の機械が止まった 心臓がばくばくする 片方の手が動かない 右足に力が入らない 顔がゆがんでいる
耕運機に巻き込まれた 家に知らない人が入ってきた 包丁を持った人がいる 子どもが車の中に取り残された
孫がおぼれた 池に沈んでいる じいちゃんが泡を吹いている 呼びかけに反応がない じいちゃんが返事をせん 産気づいた
お腹の子が動かない 土砂崩れが起きた 隣の家から煙 爆発音がした
道路に倒れている人います 道で倒れてる人です 倒れている人、助けたい 倒れている男性発見 倒れている高齢者みたいです
川に落ちた子どもいます 小児救急ではなく救急車は何番 父が布団の中で死んでいる 父が死んでる
""".split()
VIOLENCE = """
夫に殴られています 殴られちょっ 彼氏に暴力を振るわれている 息子に蹴られている 毎日夫の暴力が続いています 妻からDVを受けています
ストーカーに追われている ストーカーされています 元彼に付きまとわれています
知らない男に待ち伏せされている お父さんにたたかれている 隣で殴られている人がいます 殴られている子どもがいる 殴られている人を見た
""".split()
CHILD = """
子どもを捨てたい 子どもはどこに捨てればいいですか 赤ちゃんを捨てた こどもをすてたい うちの子を手放したい
子どもを置き去りにしてしまった
赤ちゃんを育てられない 子どもを育てられません もう子どもを育てたくない 産んだけど育てられない 子どもを殴ってしまう
娘を叩いてしまった 息子に手を上げてしまいそう 虐待してしまいそう 私は虐待しているかもしれない 子どもを捨てたか
""".split()
STING = """
ハチに刺された 蜂に刺されたときはどうすればいい ハチに刺されて腫れてきた はちにさされた 子どもがスズメバチに刺されました
蜂に頭を刺された 足長蜂に刺されたらどうする
""".split()

QUESTIONS = """
子ども服を捨てたい 子どもの服を捨てたい 赤ちゃんのおむつを捨てたい 子どもの自転車を処分したい 犬の子どもを手放したい
子どもがごみを捨ててしまった 子どもが捨てた空き缶 野菜を育てられない 子どもを育てるお金がほしい 子どもを育てながら働きたい
孫を育てています、手当はありますか 子どもに手を洗わせたい 虐待されている子の支援 子どもが手を上げて渡る横断歩道
お金も食べものもありません、助けてください 仕事が見つかりません。助けて
年金が少なくて食べていけません、助けて 家賃が払えない、助けて
夫の暴力を受けているので住民票を見られないようにしたい 虐待を受けている子どもの支援 殴られている人を助ける活動
ネットで叩かれています SNSで叩かれている 犬が虐待されている 殴られている子がいる場合の相談 ねずみを殺したい
草刈り機で手を抜かず草を切る方法 市役所から返事がない 職員が返事をしない 土砂崩れが起きたら
土砂崩れが起きたときの避難 牛が泡を吹いている 右足が動かないので手すりを付けたい 左手が動かない人の手帳
消防団の電話は何番 小児救急電話相談は何番ですか 消防本部の電話は何番 夜間救急の電話は何番 警察の相談電話は何番
事故証明は何番窓口で取れますか 火事のり災証明は何番窓口 消防設備の届け出は何番窓口 警察署の電話番号は何番 市役所の電話は何番
酸素ボンベの助成 感電防止の講習 川に飛び込みたい
家に知らない人が訪ねてきた 包丁の捨て方 熱中症の予防 機械に詳しい人 薬を二回に分けて飲む 顔写真がゆがんでいる
キャラクターの下敷き 木が倒れちょっ 街灯がきれちょっど 家のなかのごみ おっかんが元気じゃ 水が止まらん
蜂に刺されないようにしたい 蜂に刺されそう 虫に刺されて病院に行った 蜂刺されの予防 蜂に刺されて入院したときの保険
子どもが倒れた自転車でけがした 子どもが倒れた木で転んだ 倒れた自転車が邪魔 道で猫が死んでいる 裏山が崩れそう
裏山が崩れてこないか心配 交通事故にあったら国保は使える 交通事故にあったときの届け 野焼きの煙が見える もえるごみ
かじをてつだってほしい 足が悪くて立てない
息子がどの学校に行くかわからない 子どもがどこの保育園に行ったかわからない 母が転んで骨折した
ガス給湯器から水漏れ 橋が川に流された 畑の土が流された 側溝に落ち葉が詰まる 子供がいなくなったので手当を返したい
もうすぐ産まれそうなので母子手帳がほしい 道路に木が倒れています カーブミラーが倒れている ブロック塀が倒れている
側溝のふたが流されている 稲が倒れている、保険はおりるか 稲が台風で倒れている 電柱倒れてる
父が倒れた後の介護認定はどうすればいい 倒れている木を切ってほしい 木が倒れた たくさん木が倒れた 椅子が倒れている
芝生が倒れている 道に倒れた木がある 梯子が倒れている 橋が流されている 木が倒れて人が通れない 電柱が倒れて道がふさがった
父が倒れて介護が必要になった 母が倒れて施設を探している 母が倒れたので介護の相談をしたい 防災無線で流されている放送
木に雷が落ちた 木から落ちた葉の掃除 道路の穴に落ちて車が壊れたので賠償してほしい 畑にドローンが落ちた 花がぐったりしている
猫が木から落ちた 側溝に落ちたスマホを取りたい 屋根から瓦が落ちた ごみが川に落ちている 犬が行方不明 印鑑登録証が行方不明
行方不明者の失踪宣告 夫が行方不明で離婚したい 父が倒れたらどうすればいい 街灯が消えている 電気が消えた データを消したい
自殺対策の計画 自殺予防の講演会 自殺防止のゲートキーパー研修 年金だけでは生きていけない 生活が苦しい 飛び降り防止の柵
電池の捨て方 農薬の容器の捨て方 マムシ対策 マムシが出た ハブラシの捨て方 ガス漏れ警報器の捨て方 プロパンガスのボンベの処分
ガスコンロの捨て方 灯油の処分 ガスの開栓 薬を飲んだかわからない証明 薬をたくさん飲んでいるので減らしたい
農薬を使った野菜を食べたい 農薬がかかった野菜 隣の農薬が畑にかかっている
水道の水を飲んでもいい 毒きのこの見分け方 一酸化炭素中毒の予防 水漏れしている 蛇口から水が漏れた
個人情報が漏れた 排気ガスが臭い 隣の家が臭い 側溝があふれて庭に水が入ってきた 申告漏れ ガスが漏れていないか点検したい
蜂に刺されて病院に行きました 虫に刺された 蜂の巣を取ってほしい 犬にかまれた 陣痛が来たときのタクシーの登録 出産の費用 胸の検診
心臓の障害者手帳 床上浸水した家の見舞金 家が浸水した証明 土砂崩れで道が通れない 空き家がつぶれた 川があふれたときの避難場所
足と首をつった 背中と首をつって痛い 首をつったみたいで寝違えた 寝違えて首をつった
大やけどの医療費助成 スズメバチに刺された人への助成 蜂に刺されて医療費がかかった 大やけどをした人の補償
下敷きの捨て方 火災警報器の電池が切れた ストーブに火がつかない 野焼きの煙が出ている 排ガスのにおいがする 夜間救急は何番
家が火事になりました。見舞金はありますか 火事が起きたので見舞いをしたい
夫が昨年死んでいるのですが、年金の手続きは 父が病気で死んでいるので名義を変えたい 倒れている看板あります
""".split()

DANGERS = {
    Emergency.GAS: GAS,
    Emergency.POISON: POISON,
    Emergency.DESPAIR: DESPAIR,
    Emergency.LIFE: LIFE,
    Emergency.VIOLENCE: VIOLENCE,
    Emergency.CHILD: CHILD,
    Emergency.STING: STING,
}

# Entries that have words of danger in them; who says them is told whom to call at once.
DANGERS_OF_ENTRIES = {
    "夫に殴られている、逃げたい",
    "もう生きているのがつらい、誰か話を聞いて",
}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in DANGERS.items() for text in texts])
def test_danger_is_seen(kind: Emergency, text: str) -> None:
    assert emergency_in(normalise(text)) is kind


TABLE = read_wording("dangers")
RULES = [(kind, rule) for kind in Emergency for when in ("now", "just_now") for rule in TABLE[kind].get(when, ())]


@pytest.mark.parametrize(("kind", "rule"), RULES, ids=[f"{kind}: {rule['eg'][0]}" for kind, rule in RULES])
def test_each_rule_sees_its_own_examples(kind: Emergency, rule: dict[str, Any]) -> None:
    (danger,) = Rule.read_all([rule], Wording(TABLE["words"]))
    assert [text for text in rule["eg"] if not danger.fits(in_standard(normalise(text)))] == []
    assert {emergency_in(normalise(text)) for text in rule["eg"]} == {kind}


@pytest.mark.parametrize("text", QUESTIONS)
def test_a_question_is_no_danger(text: str) -> None:
    assert emergency_in(normalise(text)) is None


def test_no_question_of_the_sample_city_is_a_danger() -> None:
    asked = [row["text"] for row in rows(CHECKOUT / "eval" / "data" / "soo_questions.csv")]
    for path in sorted((SOO / "faq").glob("*.csv")):
        for row in rows(path):
            asked += [row["question"], *row["paraphrases"].split("|")]
    assert len(asked) > 1000
    assert {text for text in asked if emergency_in(normalise(text))} == DANGERS_OF_ENTRIES


def test_nothing_that_is_put_out_is_a_danger() -> None:
    items = rows(SOO / "garbage" / "target.csv")
    names = [name for row in items for name in (row["name"], *row["aliases"].split("|")) if name]
    assert len(names) > 1000
    assert [n for n in names if emergency_in(normalise(n)) or emergency_in(normalise(f"{n}の捨て方"))] == []


@pytest.mark.parametrize("kind", Emergency)
def test_every_reply_names_119(kind: Emergency) -> None:
    assert "119番" in WHAT_TO_DO[kind]


def test_who_is_beaten_is_told_the_police_and_who_listens() -> None:
    assert all(number in WHAT_TO_DO[Emergency.VIOLENCE] for number in ("110番", "#8008", "189番", "#9110"))


def test_a_parent_who_can_go_on_no_more_is_told_who_listens() -> None:
    assert all(number in WHAT_TO_DO[Emergency.CHILD] for number in ("189番", "0120-189-783"))


def test_who_smells_gas_is_told_to_make_no_spark() -> None:
    assert "火を使わず" in WHAT_TO_DO[Emergency.GAS]
