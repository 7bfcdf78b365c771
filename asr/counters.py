"""What numbers count, and what only looks like it: 三件 and 2026年, but 三時的 and 一日を過ごす are words."""

from __future__ import annotations

import re

from asr.figures import DIGIT

# What counts things: such numbers take a comma.
_QUANTITIES = (
    "円 人 名 件 世帯 戸 軒 棟 台 個 枚 冊 頭 羽 匹 票 食 社 校 団体 区画 路線 品目 種類 倍 "
    "時間 分間 秒間 日間 週間 年間 泊 か所 ヶ所 カ所 ヵ所 ケ所 箇所 個所 か月 ヶ月 カ月 ヵ月 ケ月 箇月 "
    "か国 ヶ国 カ国 ヵ国 か年 カ年 ヶ年 箇年 パーセント % ％ ポイント ドル 平方メートル 平方キロ 立方メートル 平米 立米 "
    "キロメートル キログラム キロワット キロ メートル センチ ミリ グラム トン リットル ヘクタール アール ボルト ワット "
    "町歩 坪 カロリー 錠 袋 箱 通 着 便 学級 クラス セット チーム 言 字 文字 歩"
).split()
# What numbers things: 2026年, 1205号室.
_ORDINALS = (
    "年度 年代 年生 年目 年 月 日 時 分 秒 世紀 歳 才 回目 回 周年 期目 階 組 桁 番 号 ページ 頁 割 厘 位 問 本 点目 点 代 度 "
    "番目 番地 番議員 番委員 人目 件目 日目 か所目 丁目 学期 学年 班"
).split()
COUNTER = re.compile("|".join(sorted(map(re.escape, _QUANTITIES + _ORDINALS), key=len, reverse=True)))
QUANTITY = frozenset(_QUANTITIES)
AFTER_DAI = re.compile("四半期|条(?![例件約])|次(?!世界)|段階|議案|[項号回期章款節表位問日種子弾]|[0-9０-９]")

# A counter that isn't one when this follows it.
NOT_BEFORE = {
    "時": re.compile("[代的期点刻折々]|として"),
    "回": re.compile("[りすらしろ]|帰|転"),
    "人": re.compile("称|前(?!後)|一首|十色|三脚|ひとり|一人"),
    "本": re.compile("柱|化|立て"),
    "点": re.compile("張り|[0-9０-９〇零一二三四五六七八九十百千]"),
    "分": re.compile("[の五野]|岐|割"),
    "番": re.compile("[街町館星手煎勝茶]|せんじ|出汁|だし|弟子"),
    "組": re.compile("[合織長]|み"),
    "代": re.compile("言"),
    "年": re.compile("坂"),
    "日": re.compile("坊主|月|中|も早|咳|紅|草|[市町](?![長議内民政役場営])"),
    "字": re.compile("路"),
    "戸": re.compile("建"),
    "言": re.compile(""),
    "歩": re.compile(""),
    "円": re.compile("卓|満|滑"),
}
OVER_TEN_ONLY = frozenset("度代")
NOT_ONE_OR_TWO = frozenset("人言歩字組")
#: what shows that 一日 or 一人 is a measure, as in 一日二回, and no word, as in 一日を過ごす
PER = re.compile("当たり|あたり|(?:につき|に)?(?:約|およそ)?(?!一[日人度]|千[曲差秋])[一二三四五六七八九十百千0-9０-９]")
#: 一人, 二人、三人: in a row with those that are written in digits
ROW = re.compile(f"(?:[、やか][一二]人)*(?:[、やか]|から|ないし)(?![一二]人){DIGIT}?十?{DIGIT}?人")
#: 一日から十日まで, 一番と二番: the same goes on, which shows that the first counts, too
GOES_ON = {
    counter: re.compile(f"(?:から|まで|[とや]|及び|または|又は{more}){DIGIT}?十?{DIGIT}?{counter}(?!間)")
    for counter, more in {"日": "|、", "時": "", "番": "", "位": "", "点": "", "本": ""}.items()
}
ASIDE = re.compile("[数何幾]|[一二三四五六七八九十百千]、|・")
LISTED = re.compile("、[一二三四五六七八九]")  #: 二十二、三歳 is about as many
