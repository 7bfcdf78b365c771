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

# Something is happening now: an emergency whatever else the words say.
_NOW = re.compile(
    r"火事(?:だ(?!っ)|です)|燃えて(?:い|る)|(?:火|煙)が出て(?:い|る)|救急車.{0,4}(?:呼んで|よんで|お願い|来て)|11[09]番?(?:して|に電話して|お願い)"
    r"|倒れて(?:い|る)|意識(?:が|は)?(?:な|あり?ません|戻ら)|息(?:を|が)?(?:して(?:い)?な|できな)|呼吸(?:を|が)?(?:して(?:い)?な|止ま)|心臓が止ま|血が止まらな"
    r"|おぼれて|溺れて|流されて(?:い|る)|生き埋め|首を絞め|襲われて|殴られて(?:い)?る|刺されて|泥棒が(?:いる|入って(?:い|る))|強盗(?:だ|です|が(?:いる|入って))"
    r"|助けて(?:$|[!！。]|くだ)|死にたい|自殺し"
)
# Something has happened, perhaps just now. What is asked afterwards (a certificate, a reduction) is not an emergency.
_JUST_NOW = re.compile(
    r"火事(?:が起き|が発生|になっ|になり|$|[!！。])|火が出(?:た|まし)|救急車$|11[09]番?$"
    r"|(?:人|父|母|夫|妻|子ども|子供|じいちゃん|ばあちゃん|主人|家族).{0,6}(?:倒れた|倒れまし)|大けが|溺れ(?:た|まし)|刺された|殺され|泥棒に入られ"
    r"|(?:事故|交通事故)(?:です|だ|が起き|を?起こし(?:た|て|まし)|を見)|車にはねられ"
)
_AFTERWARDS = re.compile(
    "証明|手続|申請|減免|保険|見舞|片付|ごみ|ゴミ|訓練|予防|対策|料金|費用|いくら|登録|補助|制度|備え|対応|ときの|ときは|場合は|したら"
)
_OPEN_BURNING = re.compile("野焼き|たき火|焚き火|草焼き")
_DESPAIR = re.compile("死にたい|自殺し")

# Outside a city hall's business. Each pattern needs words that no question about the city has.
_CHATTER = re.compile(
    r"(?:今日|明日|あした|週末|今)の?(?:お)?天気|天気予報|雨(?:が|は)?降(?:る|り)|気温は|(?:あなた|君|きみ)(?:は|の|って).{0,4}(?:何歳|年齢|名前|誰|だれ|何者)"
    r"|^(?:何歳|名前は|誰|だれ)(?:です)?か?$|好きな(?:食べ物|色|歌|動物)|彼氏|彼女(?:い|が)|(?:あなた|君)は結婚して|歌を歌|歌って|うたって|しりとり|なぞなぞ"
    r"|ジョーク|冗談を|(?:面白い|おもしろい)話|占って|占いを|宝くじ|星座|ラーメン|レシピ|献立|(?:料理|カレー|ケーキ|おかず)の?作り方|ピザ|おすすめの(?:映画|店|ゲーム|曲|音楽|アニメ)"
    r"|(?:野球|サッカー|相撲)の?(?:試合|結果|順位)|株価|円相場|為替|ビットコイン|翻訳して|計算して(?:ください|くれ)?$|プログラムを(?:書|作)|詩を書|小説を|宿題を|今何時|何時ですか?$"
    r"|タイマー|電気を?(?:つけ|消)して|音楽を?(?:かけ|流)|^(?:暇|ひま|眠い|疲れた|つまらない|うるさい|ばか|馬鹿|あほ)(?:だ|です|なん|よ|な)*$"
    r"|^結婚してい?ますか|(?:パソコン|スマホ|携帯(?:電話)?)の(?:使い方|調子|操作)|名前を考えて|(?:恋人|友達|友人)と(?:喧嘩|けんか)|近くの(?:コンビニ|スーパー|飲食店)は"
    r"|お腹(?:が)?(?:空|す)いた|死ね$|(?:新幹線|飛行機|ホテル|旅館|美容院).{0,4}(?:予約|時刻|時間|料金)|総理大臣は|大統領|芸能人|アイドル"
)


@dataclass(frozen=True, slots=True)
class Reply:
    """A fixed reply."""

    act: Act
    text: str


def reply_to(text: str, city: str) -> Reply | None:
    """The fitting reply to what is not a question for the city hall; None for everything else."""
    folded = normalise(text)
    if _is_emergency(folded):
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


def _is_emergency(folded: str) -> bool:
    if _NOW.search(folded):
        return "火事" in folded or not _OPEN_BURNING.search(folded)
    return bool(_JUST_NOW.search(folded)) and not _AFTERWARDS.search(folded)


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
