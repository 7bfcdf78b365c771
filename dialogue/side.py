"""A question and an entry in, whether it is asked from another side than the entry is about: by who gives, does or mends it.

「図書館で働きたい」 has all the words of who wants to borrow books there, and 「トイレが詰まった」 those of a gutter that is.
"""

from __future__ import annotations

import re

from dialogue.thing import last_name
from retrieval.analysis import normalise
from retrieval.entry import Entry
from retrieval.garbage import ASKS_HOW_TO, OF_A_BUSINESS
from retrieval.synonyms import shipped

_ROLE = (
    "(?:[員士師家主手医店所]|(?<!対象)(?<!受給)(?<!扶養)者|(?<!本)(?<!代理)人|機関"
    "|ボランティア|サポーター|モニター|ヘルパー|先生)"
)

_GIVES = "寄贈|寄付|寄附"
_RUNS = "開設|開業|開園|出店|経営|運営|運行"
_PERFORMS = "講演|展示|出演|演奏|販売|取材|撮影|視察|指導|立候補|出馬"
_WISH = "(?:を|も)?(?:した(?:い|く)|するに|でき(?:る|ます)か)"

#: What who asks wants to be or do, and what is said in the questions of an entry that is for such people.
_SIDES = tuple(
    (re.compile(wish), re.compile(known))
    for wish, known in (
        (rf"{_ROLE}[にと](?:なりたい|なるに|なれ(?:る|ます))", r"[にと]な(?:りた|るに|るとき|れ)"),
        (r"として[^。、]{0,8}(?:働|勤め|登録|活動|協力)", r"として(?!使)"),
        (
            r"働(?:きたい|けます|ける(?!か))|勤めたい|雇(?:いたい|って|うとき|うに)|(?:仕事|アルバイト|パート)(?:を|が)?したい|求人|採用(?:試験|され|して)",
            r"働|勤め|雇|就職|就労|仕事|求人|採用|アルバイト|パート|作業所|実習生",
        ),
        (
            r"売りたい|卸したい|買い取って|(?:出品|出店|納品|納入|入札)(?:を|に)?(?:し|参加)|(?<![税料金分代])を納め(?:たい|るに)"
            r"|業の?(?:許可|免許)|営業許可",
            r"売|買い?取|譲|処分|出品|出店|納品|納入|入札|創業|起業|業の?(?:許可|免許)|営業",
        ),
        (r"引き受け(?:る|たい)|請け負", r"引き受け|請け負"),
        (rf"(?:{_GIVES}){_WISH}", _GIVES),
        (rf"(?:{_RUNS}){_WISH}|(?:店|塾|園|施設)を(?:出し|開き)たい", rf"{_RUNS}|店|創業|起業"),
        (r"を(?:始め|はじめ)たい", r"を(?:始め|はじめ)|創業|起業"),
        (rf"(?:{_PERFORMS}){_WISH}", _PERFORMS),
        (r"を教え(?:たい|に行きたい)", r"教え(?:たい|る)"),
        (r"手伝いたい|手伝いを?したい", r"手伝いたい|手伝いを?したい|ボランティア|協力"),
        (r"買いたい", r"買|購入|売"),
        (r"(?:会社|企業|事業所|法人|メーカー)(?:の者)?です", r"会社|企業|事業|法人|メーカー|店"),
        (
            r"(?:会社|職場|事業所|工場|店|地区|集落|自治会|学校|行事|祭り?)[にへ][^、。]{0,8}(?:呼び|招き)たい|誘致",
            r"呼[ぶびん]|招|誘致",
        ),
        (r"弁償|賠償|補償し", r"弁償|賠償|補償"),
        (rf"^(?=.*(?:{ASKS_HOW_TO.pattern})).*(?:{OF_A_BUSINESS.pattern})", r"店|事業|会社|商売|工場"),
    )
)
_ONLY_WHY = re.compile(
    "[^、。]{0,3}(?:ので|から|ため|とき|時|場合|のに)."
)  #: 「働きたいので保育園に」「家を売りたいので印鑑証明」
_WHOEVER = "(?:代理人|保護者|世帯主|本人|主人|家族|相続人|配偶者|申請者|親|子|市民|住民)"  #: may ask anything
_AS_WHOM = re.compile(
    rf"(?<![一-鿿ァ-ヶー])(?!{_WHOEVER}として)"
    r"([一-鿿ァ-ヶー]{1,12}(?:[者士師員家人主手業店屋長]|(?<=[ァ-ヶー])))として(?!使)"
)

#: Who is wanted, or says to be one of a trade that an entry has to name: 「手話の講師を頼みたい」「剪定の業者です」.
_WHO = re.compile(
    "([一-鿿]{1,8}(?:[者士師員手]|専門家))(?:さん)?を(?:頼み|頼む|お願い|雇い|紹介し|探し|呼び)"
    "|([一-鿿]{0,8}業者)(?:です|だ)[^、。]{0,4}[。]?$"
)
#: Whether somebody may as well, of whom an entry has to speak: 「駐車場は職員も使える？」
_ALSO = re.compile(
    f"(?<![一-鿿々])(?!{_WHOEVER}で?も)([一-鿿々]{{1,6}}[者士師員生]|[一-鿿々]{{1,6}}(?<![一二三四五六七八九十百何数])人)で?も"
    "(?=[^、。]{0,8}(?:使|利用|借り|もらえ|もらう|受け|入れ|入る|参加|申し?込|登録|でき|作れ|取れ|行け))"
)
#: Who says what they do and no more asks nothing: 「弁護士をしています」 is not for who looks for one.
_ONLY_WHO = re.compile(
    "^[^、。]{0,12}(?:[者士師員家人業店屋]|[ァ-ヶー]{2,12})をして(?:い|お)?(?:る|り?ます)(?:が|けど|のですが)?[。]?$"
)

#: That something does not work, where that is what is told: 「窓が割れた、罹災証明書がほしい」 asks for something else.
_FAILS = re.compile(
    r"(?:(?<!取り)壊|こわ)(?:れ[たてま]|して?しま)|割[れっ][たて]|破(?:れ|っ|損し)[たて]|故障し|(?:詰|つ)まっ[たて]|パンクし"
    r"|(?:流れ|動か|効か|点か|つか|鳴ら|閉まら|開か|つながら|止まら|映ら)(?:な[いく]|ん$)|鳴っ[たて]"
    r"|(?<=が)(?:入って(?:い)?|混じって(?:い)?|混ざって(?:い)?)(?:[たる]|まし|ます)|(?<=が)混入し"
)
_NOTHING_ELSE = re.compile(
    "(?:[たてでのんいるよねわが]|です|でし|まし|ます|ませ|しま[いうっ]|とる|ちょる|けど|なく|なっ|[、。!?]"
    "|(?:どう|困|直|修理|弁償|賠償|連絡|見に?来て|助けて)[^、。]{0,12})*"
)
_NO_THINGS = re.compile("(?:体|身体|手|足|脚|腕|指|目|耳|腰|膝|ひざ|心|喉|見当|都合)$")
_MENDED = re.compile(
    "壊れ|こわれ|故障|破損|割れ|詰ま|つま[りっ]|漏|修理|修繕|修復|直[しすせ]|異常|消え|切れ|止まらな|あふれ|溢れ|汚し|不具合"
)


def is_of_another_side(text: str, entry: Entry) -> bool:
    """Whether an entry is not asked by such as ask this, or does not tell what to do where this fails."""
    written = normalise(text)
    known = [known for wish, known in _SIDES if (m := wish.search(written)) and not _ONLY_WHY.match(written, m.end())]
    known += [re.compile(re.escape(m[1])) for m in _AS_WHOM.finditer(written)]
    if _ONLY_WHO.search(written) or any(not entry.says(m[m.lastindex or 0]) for m in _WHO.finditer(written)):
        return True
    if any(not _speaks_of(entry, m[1]) for m in _ALSO.finditer(written)):
        return True
    if known:
        asked = normalise("\n".join((*entry.questions, *((entry.answer,) if entry.is_passage else ()))))
        if not all(each.search(asked) for each in known):
            return True
    failure = _FAILS.search(written)
    if failure is None or not _NOTHING_ELSE.fullmatch(written, failure.end()):
        return False
    thing = last_name(written[: failure.start()])
    return not _NO_THINGS.search(thing) and not _tells_of(entry, thing)


def _speaks_of(entry: Entry, who: str) -> bool:
    """Whether an entry has a kind of people in it, and staff not only as those who serve: 「職員がご案内します」."""
    as_whom = re.compile(f"{who}(?![がに])" if who.endswith("職員") else who)
    return any(as_whom.search(normalise(text)) for text in (*entry.questions, entry.answer))


def _tells_of(entry: Entry, thing: str) -> bool:
    """Whether an entry speaks of a thing, or of whatever it is, and of what doesn't work."""
    texts = (*entry.questions, entry.answer)
    if not any(_MENDED.search(normalise(text)) for text in texts):
        return False
    return set(shipped().lemmas(thing)) <= {lemma for text in texts for lemma in shipped().lemmas(text)}
