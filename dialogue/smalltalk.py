"""What is not a question to the city hall: greetings, thanks, emergencies, chatter. Rules, so that each can be read."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dialogue.answer import Act
from retrieval.analysis import normalise

_TAIL = r"(?:です|でした|ございます|ございました|ね|よ|さま|様|さん)*[。.!！?？〜~ー\s]*$"

_GREETING = re.compile(
    r"^(?:もしもし|こんにち[はわ]|こんばん[はわ]|おはよう|おやすみ(?:なさい)?|はじめまして|初めまして|どうも|やあ|ハロー|hello|hi|よろしく(?:お願いします)?|ただいま)"
    + _TAIL
)
_THANKS = re.compile(
    r"^(?:どうも)?(?:ありがとう|有難う|ありがと|助かりました|助かった|了解(?:です|しました)?|分かりました|わかりました|わかった|さようなら|さよなら|バイバイ"
    r"|もういいです|大丈夫です|以上です|なるほど|おおきに|あいがと(?:さげもした)?)(?:、|。|\s)*(?:助かりました|ありがとう)?"
    + _TAIL
)

# Something is happening now. What is asked afterwards (a certificate, a reduction, the rubbish) is not an emergency.
_DANGER = re.compile(
    r"火事(?:だ|です|が起き|が発生|になっ|になり|$|[!！。])|(?:家|建物|山|隣|となり|畑)[がは].{0,6}(?:燃えて|火事)|火が出(?:た|て|ました)|煙が出て"
    r"|救急車.{0,4}(?:呼|よ[んび]|お願い|来て|$)|119番?(?:して|に電話|お願い|$)|110番?(?:して|に電話|お願い|$)"
    r"|(?:人|父|母|夫|妻|子ども|子供|おじいちゃん|おばあちゃん|じいちゃん|ばあちゃん|主人|家族).{0,6}(?:倒れた|倒れて|倒れまし|意識が|息を?し)"
    r"|倒れて(?:いる|る|います|ます)|意識がな|息(?:を|が)?(?:して(?:い)?な|できな)|心臓が止ま|呼吸(?:を|が)?(?:して(?:い)?な|止ま)"
    r"|血が止まらな|大けが|おぼれ(?:て|た)|溺れ|首を絞め|刺され(?:た|て)|殺され|殴られて(?:い)?る|襲われ|強盗|泥棒(?:が|に)(?:いる|入って|入られ)"
    r"|(?:事故|交通事故)(?:です|だ|が起き|を?起こし(?:た|て|まし)|を見)|車にはねられ|生き埋め|流され(?:た|て)|助けて(?:$|[!！。くだ])|死にたい|自殺し"
)
_AFTERWARDS = re.compile(
    "証明|手続|申請|減免|保険|見舞|片付|ごみ|ゴミ|訓練|予防|対策|料金|費用|いくら|登録|補助|制度|備え|対応|ときの|ときは|場合は|したら"
)
_DESPAIR = re.compile("死にたい|自殺し")

_CHATTER = re.compile(
    r"(?:今日|明日|あした|週末|今)の?(?:お)?天気|天気予報|雨(?:が|は)?降(?:る|り)|気温は|何歳|年齢は|名前は(?:何|なに|なん)|あなたは(?:誰|だれ|何)|君は(?:誰|だれ)"
    r"|好きな(?:食べ物|色|人|歌|もの|動物)|彼氏|彼女(?:い|は|が)|結婚して(?:る|い)|恋人|歌(?:を|って)|うたって|しりとり|なぞなぞ|ジョーク|冗談|面白い話|おもしろい話"
    r"|占い|宝くじ|星座|ラーメン|カレー|レシピ|献立|作り方|ピザ|おすすめの(?:映画|本|店|ゲーム|曲|音楽|アニメ)|映画|野球|サッカー|株価|円相場|為替|ビットコイン"
    r"|翻訳して|計算して|プログラム|詩を書|小説|作文|宿題|今何時|何時です|タイマー|電気(?:を|)(?:つけ|消)|音楽(?:を|)(?:かけ|流)|暇(?:だ|です|なん)?$|ひま(?:だ|です)?$|眠い|疲れた$|つまらない"
    r"|お腹(?:が)?(?:空|す)いた|ばか|馬鹿|バカ|アホ|あほ|うるさい|死ね|新幹線|飛行機|ホテル(?:の|を)?予約|美容院|総理大臣|大統領|芸能人|アイドル|アニメ|ゲーム(?:の|を)"
)


@dataclass(frozen=True, slots=True)
class Reply:
    """A fixed reply."""

    act: Act
    text: str


def reply_to(text: str, city: str) -> Reply | None:
    """The fitting reply to what is not a question for the city hall; None for everything else."""
    folded = normalise(text)
    if _DANGER.search(folded) and (not _AFTERWARDS.search(folded)):
        return _emergency(folded)
    if _GREETING.match(folded):
        return Reply(
            Act.GREETING,
            f"こんにちは。{city}の窓口案内です。手続きや制度について、知りたいことをお聞かせください。"
            "たとえば「引っ越してきたときの手続き」「粗大ごみの出し方」のようにお尋ねください。",
        )
    if _THANKS.match(folded):
        return Reply(Act.THANKS, "ご利用ありがとうございました。ほかにもお困りのことがあれば、いつでもお尋ねください。")
    if _CHATTER.search(folded):
        return Reply(
            Act.CHATTER,
            f"申し訳ありません。その内容にはお答えできません。{city}の手続きや制度、暮らしの相談窓口についてご案内しています。"
            "市役所に関することをお尋ねください。",
        )
    return None


def _emergency(folded: str) -> Reply:
    if _DESPAIR.search(folded):
        text = (
            "つらいお気持ちを、ひとりで抱えないでください。今すぐ話せる相談先があります。"
            "「#いのちSOS」電話0120-061-338、「いのちの電話」電話0120-783-556。命に危険があるときは、すぐに119番へ電話してください。"
        )
    else:
        text = (
            "命に関わる緊急のときは、今すぐ電話してください。火事、救急、けが人がいるときは119番、事件や事故は110番です。"
            "この窓口案内からは通報できません。"
        )
    return Reply(Act.EMERGENCY, text)
