"""A normalised text in, the kind of emergency that it tells of out, and whom to call. Rules, so that each can be read.

A danger that is missed is worse than a question taken for one; but who asks for a certificate afterwards wants the certificate.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile

from dialogue.dialect import in_standard
from retrieval.analysis import is_hiragana
from retrieval.tokens import Token, tokens


class Emergency(StrEnum):
    """Kinds that need different words."""

    DESPAIR = "despair"
    GAS = "gas"
    POISON = "poison"
    LIFE = "life"
    VIOLENCE = "violence"
    STING = "sting"


WHAT_TO_DO = {
    Emergency.DESPAIR: (
        "つらいお気持ちを、ひとりで抱えないでください。今すぐ話せる相談先があります。"
        "「#いのちSOS」電話0120-061-338、「いのちの電話」電話0120-783-556。命に危険があるときは、すぐに119番へ電話してください。"
    ),
    Emergency.GAS: (
        "火を使わず、電気のスイッチや換気扇にも触れないでください。窓や戸を開け、できれば元栓を閉めて、すぐに外へ出てください。"
        "外に出てから、契約しているガス会社や販売店に電話してください。連絡が付かないとき、臭いが強いとき、具合の悪い人がいるときは、"
        "すぐに119番へ電話してください。この窓口案内からは通報できません。"
    ),
    Emergency.POISON: (
        "今すぐ119番へ電話して、何をいつどれだけ飲んだか、何にかまれたかを伝えてください。飲んだものを無理に吐かせないでください。"
        "手当てが分からないときは、日本中毒情報センターの「大阪中毒110番」電話072-727-2499（24時間）でも聞けます。"
        "この窓口案内からは通報できません。"
    ),
    # https://www.gender.go.jp/policy/no_violence/dv_navi/ , https://www.npa.go.jp/higaisya/shien/torikumi/madoguchi.htm
    # and https://www.cfa.go.jp/policies/jidougyakutai/gyakutai-taiou-dial
    Emergency.VIOLENCE: (
        "今、危険を感じているときは、すぐに110番へ電話してください。けががあるときは119番です。"
        "配偶者や恋人からの暴力は「DV相談ナビ」電話#8008、子どもへの暴力は「児童相談所虐待対応ダイヤル」電話189番、"
        "付きまといなどの警察への相談は電話#9110で聞いてもらえます。秘密は守られます。この窓口案内からは通報できません。"
    ),
    Emergency.LIFE: (
        "命に関わる緊急のときは、今すぐ電話してください。火事、救急、けが人がいるときは119番、事件や事故、人が行方不明のときは110番です。"
        "この窓口案内からは通報できません。"
    ),
    Emergency.STING: (
        "蜂に刺されたあとに、息苦しい、じんましんが出る、気分が悪い、ふらつくなどの症状があるときは、命に関わります。"
        "今すぐ119番へ電話してください。症状がないときも、巣や蜂から離れて安静にし、早めに医療機関にご相談ください。"
        "この窓口案内からは通報できません。"
    ),
}

_PERSON = (
    "(?:人|ひと|父|母|親|夫|妻|主人|旦那|だんな|家内|女房|嫁|婿|息子|娘|孫|(?:^|[のうと双])子|子ども|子供|こども|お子|児|赤ちゃん|赤ん坊"
    "|兄|姉|弟|妹|祖父|祖母|おじ|おば|じい|ばあ|さん|ちゃん|くん|さま|様|氏|老人|年寄り|男|女|男性|女性|学生|[小中高]校?生|生徒|先生"
    "|おやっどん|おっかん|おっか|うっかた|よめじょ|[齢患業行用転作]者|職員|店員|社員|作業員|乗員|全員|家族|友達|誰か|だれか|私|わたし|僕|俺|自分|運転手|選手|相手|みんな|彼女?"
    "|(?:[のいたる]|年配の)方)(?:たち|達|ら|とも)?"
)
_VEHICLE = "(?:車|トラック|バス|バイク|軽トラ|トラクター|コンバイン|耕運機|ダンプ)"
_PLACE = (
    "(?:川|海|池|沼|湖|ダム|水路|用水|溝|井戸|プール|浴槽|風呂|田んぼ|田|畑|穴|谷|崖|がけ|土手|橋|屋根|はしご|脚立|階段|ベランダ"
    "|窓|[0-9]階|木|線路)"
)
_DID = "(?:た(?!ら(?!し))|て|まし)"  #: 「倒れたら」 only supposes it
#: Who was beaten once, or asks about others who are, asks what there is to do; but not who sees it.
_SEEN = "(?:がい(?:ます|る(?:$|[!。]|ん))|を見(?:まし|た(?:$|[!。]|ん)|かけ(?:まし|た(?:$|[!。]|ん))))"
_OTHERS = f"(?:人|方|子|者|児|女性|男性|家庭|世帯|高齢)(?!.{{0,2}}{_SEEN})"
_GOES_ON = f"(?:てい?(?:る(?!{_OTHERS}|[おと]|の(?:では|じゃ|か|を)|かも)|ます|て)|とる|ちょる)"
_ASKS_NOTHING_ELSE = "^(?!.*(?:住民票|住所|戸籍|隠し|知られ)).*"  #: who hides where they live wants a certificate stopped
_IS_SOMEBODY = "^(?!.*(?:犬|猫|ネコ|ねこ|ペット|動物|ネット|sns|掲示板|口コミ)).*"  #: and not only spoken ill of
_GAS = "(?<!排)(?<!排気)(?:ガス|プロパン)"
_STUNG = "(?:蜂|[ハバ]チ|[はば]ち|虫|ダニ|蚊|ムカデ|むかで|ブヨ|アブ|クラゲ|くらげ|アリ).{0,6}(?:刺|さ)され"
_BEE_STUNG = "(?:蜂|[ハバ]チ|[はば]ち).{0,8}(?:刺|さ)され(?:た|て|ちゃ|まし|とる|ちょる|もした)"
_UNWELL = "苦し|息ができ|呼吸が|じんましん|蕁麻疹|意識|ふらふら|めまい|吐き気|気分が悪|顔.{0,3}(?:腫|はれ)|全身"
_SNAKE = "(?:マムシ|まむし|ハブ|ヤマカガシ|蛇|ヘビ|へび)"
_POISON = (
    "(?:洗剤|漂白剤|ハイター|柔軟剤|洗浄剤|除光液|消毒液|農薬|除草剤|殺虫剤|殺そ剤|殺鼠剤|防虫剤|乾燥剤|芳香剤|灯油|ガソリン|軽油"
    "|シンナー|不凍液|薬品|毒(?:きのこ|キノコ|草)?|電池|磁石|たばこ|タバコ|煙草|吸い殻|吸殻|シャンプー|石けん|石鹸)"
    "(?:の?(?:入っ|混ざっ|まざっ)た.{0,4})?"
)
#: A grown child who does not come home may live elsewhere.
_MISSED = "(?:父|母|パパ|ママ|主人|夫|妻|家内|[じば][いあ](?:さん|ちゃん)|年寄り|老人)"
_BURNING = "(?:農薬|除草剤|殺虫剤|漂白剤|ハイター|洗浄剤|洗剤|薬品|薬剤|消毒液|不凍液|灯油|ガソリン|シンナー|石灰|塩酸|硫酸)"
_DRANK = "飲(?:んだ|んでしま|んじゃ|みまし)"  #: not 「飲んでいる」, which one does with medicine
_TOOK_IN = f"{_DRANK}|のん(?:だ|でしま|じゃ)|(?:飲|の)んでい?る|誤飲し|(?:食べ|口に入れ|口にし)(?:た|て|ちゃ|まし)"
_TOO_MUCH = "(?:たくさん|大量|いっぱい|全部|[0-9]{2,}錠|一気に|まとめて|間違(?:え|っ)て)"
_HARD = "(?:つら|辛|嫌|いや|しんど|苦し|疲れ|つかれ|怖)"


def _any(*rules: str) -> re.Pattern[str]:
    return re.compile("|".join(rules))


# Something is happening now: an emergency whatever else the words say.
_NOW = {
    Emergency.DESPAIR: _any(
        "死にたい|死にたくな[るっり]|死ぬしか|死んだ(?:ほう|方)が|死んでしまいたい|死のう(?:と|か)|自殺し|自殺をほのめか",
        "消えたい|消えてしまいたい|消えてなくなりたい|いなくなりたい",
        "飛び降り(?:る|た|よう|ます|て|そう)|手首を切|首を吊|(?:電車|線路|ホーム)[^、。]{0,6}飛び込|心中(?:し|を(?:考|図))",
        "^(?!.*寝(?:違|ちが)).*(?<![足脚腿肩腰腕手指中][とや])首をつ[るろっ]",  # 「足と首をつった」 is a cramp
        rf"{_PERSON}[をも](?:殺してしま|殺した[いく]|殺しそう)",
        f"生き(?:てい?)?たくな|生きる意味が|生き(?:て?る|ている|ていく)の[がに](?:もう)?{_HARD}",
    ),
    Emergency.GAS: _any(
        rf"{_GAS}[^代料金水湯]{{0,6}}(?:漏れ|もれ)(?:て(?!い?な|い?ませ)|だし|出し|し(?:て|た|ま)|です|だ|かも)",
        r"(?:ガス|一酸化炭素).{0,6}警報器が(?:鳴|なっ)",
        rf"{_GAS}(?:が|は)?(?:臭|くさ)|{_GAS}(?:の|のような|みたいな|っぽい)(?:臭|匂|にお|ニオ)い",
    ),
    Emergency.VIOLENCE: _any(
        f"{_IS_SOMEBODY}(?:(?:殴|なぐ|蹴|叩|たた)られ|(?:叩か|たたか|ぶた|虐待さ|乱暴さ)れ){_GOES_ON}",
    ),
    Emergency.LIFE: _any(
        r"火事(?:だ(?!っ)|です)|燃え(?:て(?:い|る)|とる|ちょる)|(?:火|煙)が出て(?:い|る)|(?:火|炎)が(?:消えな|消せな|燃え広が)",
        # the number for it, and nothing about another one (小児救急電話相談、消防本部、事故証明の窓口)
        "(?<!夜間)(?<!休日)(?<!小児)(?:火事|救急車?|消防車?|急病|大けが|事故|泥棒|警察)(?:の(?:とき|時|場合|際)?|が(?:起き|出)たら|なら|だったら)?"
        "(?:を|は|に|へ|って)?(?:呼ぶ|よぶ|かける|電話(?:番号|する)?|通報(?:する)?)?(?:の|とき|時)*(?:は|って)?(?:何番|なん番)(?!の?窓口)",
        r"救急車.{0,4}(?:呼んで|よんで|お願い|来て)|11[09]番?(?:して|に電話して|お願い)|助けて(?:$|[!！。]|くだ)",
        r"意識(?:が|は)?(?:もうろう|朦朧|遠のい|な|あり?ません|戻ら)|息(?:を|が)?(?:して(?:い)?な|しな|できな)|呼吸(?:を|が)?(?:して(?:い)?な|止ま)",
        r"心臓が止ま(?!った人に使)|血が止まらな|(?:呼んで|呼びかけて)も(?:返事|反応|起き)",
        r"(?:赤ちゃん|赤ん坊|乳児|新生児).{0,8}(?:泣かな|動かな|反応)",
        r"(?:家|うち|部屋|庭)に(?:知らない|見知らぬ|怪しい|あやしい)(?:人|男|女)が(?:いる|います|入って)",
        r"(?:包丁|ナイフ|刃物|銃)を持った(?:人|男|女)|(?:包丁|ナイフ|刃物)を振り回",
        r"(?:浴槽|風呂|池|川|プール|海|用水路?)[でに]沈んで|呼び?かけに?(?:ても)?(?:反応|応答|返事)(?:が|を)?(?:な|し)",
        rf"{_PERSON}が[^、。]{{0,4}}(?:泡を(?:吹い|ふい)て|車[^、。]{{0,3}}に?取り残され)|{_MISSED}(?:さん|ちゃん)?が返事を?しな",
        r"おぼれて|溺れて|生き埋め|首を絞め|襲われて",
        r"泥棒が(?:いる|入って(?:い|る))|強盗(?:だ|です|が(?:いる|入って))",
        rf"孤独死し|{_PERSON}(?:が|は|も)(?:家で|部屋で|中で)?死んで(?:い)?る",
        r"(?:転[んび]|転倒し|ころ[んび]|落ち|転落し)[^、。]{0,8}(?:動け|起き上がれ|立ち上がれ|立て|起きられ)(?:な|ませ)",
        r"倒れた[^、。]{1,6}(?:挟|はさ)まれ",
        rf"^(?!.*{_STUNG}).*刺されて|{_STUNG}.*(?:{_UNWELL})|(?:{_UNWELL}).*{_STUNG}",
    ),
}
# Something has happened, perhaps just now. What is asked afterwards (a certificate, a reduction) is not an emergency.
_JUST_NOW = {
    Emergency.DESPAIR: _any(
        "(?:リストカット|リスカ|自傷(?:行為)?)(?:し|を|が|$)",
        "自殺(?:を(?:考え|図)|する(?![人者方])|未遂)",
    ),
    Emergency.GAS: _any(
        rf"{_GAS}[^代料金水湯]{{0,6}}(?:漏れ|もれ)(?!て)",
        r"(?:灯油|ガソリン|重油|軽油).{0,6}(?:漏れ|もれ|流出|流れ出)",
        r"一酸化炭素(?:中毒(?!に注意)|を吸)",
    ),
    Emergency.POISON: _any(
        rf"{_POISON}(?:を|も|まで)?(?:{_PERSON}が)?[^をがのた]{{0,5}}(?:{_TOOK_IN})",
        r"(?:飲み込|のみこ)(?:んだ|んでしま|んじゃ|みまし)|誤飲(?:し|かも|です|$)",
        rf"(?:薬を?.{{0,4}}{_TOO_MUCH}.{{0,4}}|{_TOO_MUCH}.{{0,4}}薬を?){_DRANK}",
        rf"薬を(?:2|二|倍)(?:回|度|の量)?.{{0,3}}{_DRANK}",
        rf"薬を飲み(?:すぎ|過ぎ){_DID}|オーバードーズ(?:し|を|$)",
        rf"(?:子ども|子供|孫|赤ちゃん|赤ん坊).{{0,2}}(?:{_PERSON}|家|大人)の薬を?{_DRANK}",
        rf"{_BURNING}[がを].{{0,8}}(?:(?:目|顔|口)に入[っり]|かか[っり]|かぶ[っり]|浴び)(?:た(?![一-鿿])|て(?!い|る)|ちゃ|ま)",
        rf"{_SNAKE}に.{{0,6}}(?:かま|噛ま|咬ま|やら|食わ|くわ)れ",
    ),
    Emergency.VIOLENCE: _any(
        f"{_ASKS_NOTHING_ELSE}(?:暴力|dv|虐待|暴行)(?:を(?:(?:振|ふ)るわれ|受け|され)|が(?:続|つづ)い){_GOES_ON}",
        f"{_ASKS_NOTHING_ELSE}(?:(?:付き|つき|付け|つけ)(?:まとわ|回さ|まわさ)|待ち伏せさ)れ{_GOES_ON}",
        f"{_ASKS_NOTHING_ELSE}ストーカー(?:に|を)?(?:(?:追わ|狙わ|悩まさ|つけら|押しかけら)れ|され){_GOES_ON}",
    ),
    Emergency.LIFE: _any(
        r"火事(?:が起き|が発生|になっ|になり|$|[!！。])|火が出(?:た|まし)|(?:家|屋根|窓|台所|倉庫|小屋)から煙が(?:$|上が)",
        r"(?:鍋|油|カーテン|服|布団|家|車|壁|山|枯れ草|畳|コンセント)に火が(?:つい|付い|着い|点い|移|燃え移)",
        r"救急車$|11[09]番?$|大けが|大やけど|大火傷|(?:溺|おぼ)れ(?:た|まし|そう|かけ)|殺され|泥棒に入られ|逃げ遅れ|逃げられな",
        rf"^(?!.*{_STUNG}).*刺された",
        r"(?:事故|交通事故)(?:です|だ|が起き|を?起こし(?:た|て|まし)|を見|に[あ遭](?:った(?!ら(?!し)|とき|時|場合|後|あと)|いまし))|車にはねられ",
        r"車をぶつけられ(?:た|て|まし)|当て逃げされ(?:た|て|まし)",
        rf"爆発し{_DID}|(?:機|機械|トラクター|コンバイン|ベルト)に.{{0,5}}(?:挟まれ|はさまれ|巻き込まれ)|(?:のど|喉).{{0,8}}(?:詰ま|つま)(?:っ|らせ)",
        r"ひきつけ(?:た|て(?!い?たら))|(?:心臓|胸)(?:が|も)?(?:急に|とても|すごく|激しく|強く)?(?:(?:痛|いた)[いくみ]|苦し|くるし|締め付け|しめつけ)",
        r"胸を(?:押|お)さえ|息苦し|息が苦し|(?:けいれん|痙攣|ひきつけ)(?:し(?:て|た)|を起こし)|頭が割れ|ろれつが|血を吐|吐血",
        r"(?:チェーンソー|草刈り?機|刈払機|のこぎり|丸のこ|鎌|なた|包丁)で[^、。]{0,4}(?:手|足|指|腕|顔)を[^、。]{0,4}切(?:っ(?:た|て)|り)",
        r"指が(?:ちぎれ|切れて|取れ)|感電し(?:た|て|まし)|感電$|爆発音が(?:し|聞こ)|熱中症で.{0,6}(?:動け|立て|ぐったり)",
        r"(?:酸素|呼吸器)[^、。]{0,6}(?:止ま(?:っ|り)|動かな)|心臓が.{0,3}(?:ばくばく|バクバク)",
        r"(?:片方|片側|半身|左|右)の?(?:手|足|腕|顔|体)?[がの][^、。]{0,4}(?:動か|力が入ら)な(?:い|くなった)?(?:です)?$",
        r"(?:片方|片側|半身|左|右)の?(?:手|足|腕|顔|体)に力が入らな|顔が.{0,3}ゆがんで",
        r"産気づ(?:い|き)|(?:胎動|お腹の(?:子|赤ちゃん))が.{0,4}(?:動か|感じ|し)な",
        r"土砂崩れが(?:起き|発生し|あっ)(?:た(?!ら|時|とき)|て|まし)|(?:家|屋根|窓|倉庫|小屋)から煙$",
        r"アナフィラキシー(?:を起こ|です|かも|に|$)",
        r"破水(?:し|です|だ|かも|$)|陣痛(?:が|です|かも|$)|[生産]まれそう(?:です)?[。!]*$",
        rf"(?:川|堤防|ため池|ダム)が(?:あふれ|溢れ|氾濫し|決壊し){_DID}|(?:家|部屋|床|店)が(?:浸水|水没)して(?:い|る|き)|鉄砲水",
        r"(?:川の水|土砂)が家.{0,6}(?:入って|流れ込)|家の中まで水が|水が入って.{0,4}(?:動け|出られ|逃げ)",
        r"(?:山|崖|がけ|土手|土砂)が崩れ(?:た(?!ら)|てき|てい?る|まし)|^(?!.*(?:野焼き|たき火|焚き火|草焼き|煙突)).*煙が(?:見え|[上あ]が[っり])",
        r"土砂(?:崩れ)?[にで].{0,4}(?:巻き込|埋ま)|土砂崩れで家が壊|家が土砂崩れで壊",
        rf"(?<!空き)(?<!空)家が.{{0,4}}(?:つぶれ|潰れ|倒壊し|流され|埋まっ){_DID}",
        rf"(?:子ども|子供|孫|祖父|祖母|じいちゃん|ばあちゃん|認知症の.{{1,3}})が.{{0,6}}(?:いなくなっ{_DID}|(?:帰|戻)って(?:こ|来)な)",
        rf"{_PERSON}.{{0,4}}[山川海].{{0,6}}(?:(?:帰って|戻って)(?:こ|来)|帰ら|戻ら)な|遭難し{_DID}",
        rf"{_MISSED}(?:さん|ちゃん)?が.{{0,6}}(?:いなくなっ{_DID}|(?:帰|戻)って(?:こ|来)な)",
        rf"{_PERSON}の行方が(?:わから|分から)な|{_PERSON}が.{{0,3}}ど(?:こ|け)[にへ]?(?:行|い)った(?:の)?か.{{0,2}}(?:わか|分か)らん?(?:な|$)",
    ),
    Emergency.STING: _any(rf"{_BEE_STUNG}(?!.*(?:病院|医院|受診|治り|治っ))"),
}


@dataclass(frozen=True, slots=True)
class _Event:
    """What befalls people and things alike; who it is decides."""

    pattern: re.Pattern[str]  #: its group is the verb, before which its subject stands
    whom: re.Pattern[str]
    if_nobody_is_named: bool


_BEFALLS = _Event(
    re.compile(
        "((?:倒れ|たおれ)(?:て(?:いる|いた|る|た|い|ま)|とる|ちょる)|流されて(?:いる|いた|る|い|ま|し)"
        "|ぐったりし(?:ている|ていた|てる|て|た)|下敷きにな[っり]|(?:(?<=[木塀車家機]の)|(?<=トラクターの)|(?<=トラックの)|(?<=コンバインの)|(?<=耕運機の))下敷き|閉じ込められ(?:ている|てる|て|た|まし))"
    ),
    re.compile(f"{_PERSON}$"),
    if_nobody_is_named=True,
)
_BEFELL = (
    _Event(
        re.compile(
            "((?:倒れ|たおれ)(?:た(?!ら(?!し))|まし|てしま)|流され(?:た(?!ら(?!し))|まし)|行方不明(?!者)|下敷き(?:です|だ|$))"
        ),
        re.compile(f"{_PERSON}$"),
        if_nobody_is_named=False,
    ),
    _Event(
        re.compile(f"{_PLACE}.{{0,3}}(?:に|へ|から).{{0,8}}?(落ち(?!てい|てる|たら)(?:{_DID}|ちゃっ)|転落し{_DID}|流され{_DID})"),
        re.compile(f"(?:{_PERSON}|{_VEHICLE})$"),
        if_nobody_is_named=True,
    ),
    _Event(
        re.compile(f"((?:横転|転覆)(?:し{_DID}|$))"),
        re.compile(f"(?:{_VEHICLE}|農機|機械|船|舟|ボート)$"),
        if_nobody_is_named=True,
    ),
)
_AFTERWARDS = _any(
    "証明|手続|申請|減免|保険|見舞|片付|料金|費用|いくら|登録|補助|助成|医療費|補償|支援金|制度|認定|給付|療養費|年金|離婚|失踪|賠償|弁償|児童手当",
    "手当[をのは]|介護(?:[のが]|サービス)|入院(?:[し中費]|に)|退院|労災|(?<!午)(?<!最)後の|あとの",
    "訓練|予防|防止|防ぐ|対策|計画|講演|講座|講習|研修|点検|検査|警報器|検知器",
    "ごみ|ゴミ|捨て|処分|回収|リサイクル",
)
# Asked beforehand. Of gas, poison and stings no knowledge base says more than the reply does.
_SUPPOSED = re.compile("備え|対応|ときの|ときは|場合は|したら")
_TOLD_BEFOREHAND = (Emergency.GAS, Emergency.POISON, Emergency.STING)
_OPEN_BURNING = re.compile("野焼き|たき火|焚き火|草焼き")

#: Children and those who learn Japanese write without kanji.
_IN_KANJI = {
    "しにたい": "死にたい", "きえたい": "消えたい", "しぬしか": "死ぬしか", "じさつ": "自殺", "たすけて": "助けて",
    "きゅうきゅうしゃ": "救急車", "かじだ": "火事だ", "かじです": "火事です", "かじがおき": "火事が起き", "がもえて": "が燃えて",
    "いしきがな": "意識がな", "いきができな": "息ができな", "いきをしてな": "息をしてな", "いきをしていな": "息をしていな",
    "ちがとまらな": "血が止まらな", "むねがいた": "胸が痛", "むねがくるし": "胸が苦し", "どろぼうがい": "泥棒がい",
    "どろぼうがはい": "泥棒が入", "がすくさい": "ガス臭い", "がすがもれ": "ガスが漏れ",
    "けむりがで": "煙が出", "けむりがみえ": "煙が見え",
}  # fmt: skip
_KANA = re.compile("|".join(_IN_KANJI))

_END_OF_CLAUSE = re.compile(r"[、。!?\s]")
# 「気分が悪くて倒れている」 and 「今倒れている」 don't name anybody.
_NOBODY = frozenset("今 さっき 昨日 今日 今朝 昨夜 先ほど 急 突然 気分 気持ち 具合 調子 頭 胸 腹 足 熱 血 息 心臓 めまい".split())
_THAT_FALLS = re.compile(
    "(?:自転車|バイク|車|木|竹|枝|塀|ブロック|柵|フェンス|電柱|看板|旗|テント|家具|たんす|タンス|棚|本棚|机|物置|小屋|墓|灯籠|石|稲|花瓶|鉢)$"
)
_NO_THING = frozenset("の ん こと とき 時 ところ 所 よう 様 みたい 模様".split())


def emergency_in(folded: str) -> Emergency | None:
    """The kind of emergency that a normalised text tells of; the one with the most particular advice comes first."""
    if is_hiragana(folded):
        folded = _KANA.sub(lambda m: _IN_KANJI[m[0]], folded.replace(" ", ""))
    folded = in_standard(folded)
    return next((kind for kind in Emergency if _is_now(kind, folded) or _is_just_past(kind, folded)), None)


def _is_now(kind: Emergency, folded: str) -> bool:
    if kind is not Emergency.LIFE:
        return kind in _NOW and bool(_NOW[kind].search(folded))
    if _OPEN_BURNING.search(folded) and "火事" not in folded:
        return False
    return bool(_NOW[kind].search(folded)) or _befalls_somebody(_BEFALLS, folded)


def _is_just_past(kind: Emergency, folded: str) -> bool:
    if _AFTERWARDS.search(folded) or (kind not in _TOLD_BEFOREHAND and _SUPPOSED.search(folded)):
        return False
    happened = bool(_JUST_NOW[kind].search(folded))
    return happened or (kind is Emergency.LIFE and any(_befalls_somebody(event, folded) for event in _BEFELL))


def _befalls_somebody(event: _Event, folded: str) -> bool:
    """Whether it is of somebody: 「父が倒れている」 and 「倒れている人」, but neither 「木が倒れている」 nor 「倒れている木」."""
    return any(
        _is_of_somebody(event, folded[: m.start(1)], m.group(1), folded[m.end(1) :]) for m in event.pattern.finditer(folded)
    )


def _is_of_somebody(event: _Event, before: str, verb: str, after: str) -> bool:
    described = _described(after) if verb.endswith(("る", "た")) else None
    if described and re.search(_PERSON, described):
        return True
    if described and _THAT_FALLS.search(described):
        return False  # 「子どもが倒れた自転車でけがした」: who stands before it did something else
    subject = _subject(tokens(_END_OF_CLAUSE.split(before)[-1]))
    if subject is None:
        return event.if_nobody_is_named and described is None
    return bool(event.whom.search(subject))


def _subject(before: tuple[Token, ...]) -> str | None:
    """What stands before the last 「が」, 「は」 or 「も」, or right before the verb; nobody in 「気分が悪くて倒れている」."""
    for i in range(len(before), 0, -1):
        particle = before[i] if i < len(before) else None
        marks = particle is None or (particle.pos == "助詞" and particle.surface in ("が", "は", "も"))
        noun = before[i - 1]
        if marks and noun.pos in ("名詞", "代名詞", "接尾辞") and noun.surface not in _NOBODY:
            return "".join(token.surface for token in before[:i])
    return None


def _described(after: str) -> str | None:
    """The noun that the verb describes: 木 in 「倒れている木を切って」."""
    if after[:1].isspace():
        return None
    phrase = list(takewhile(lambda t: t.pos != "助詞" or t.surface == "の", tokens(after)))
    is_noun = bool(phrase) and phrase[0].pos in ("名詞", "代名詞", "接頭辞") and phrase[0].surface not in _NO_THING
    return "".join(token.surface for token in phrase) if is_noun else None
