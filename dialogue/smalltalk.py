"""What is not a question to the city hall: greetings, thanks, emergencies, chatter. Rules, so that each can be read."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dialogue.answer import Act
from dialogue.dialect import in_standard
from dialogue.emergency import WHAT_TO_DO, emergency_in
from retrieval.analysis import normalise

THANKS = "ご利用ありがとうございました。ほかにもお困りのことがあれば、いつでもお尋ねください。"
_A_MACHINE = "お答えしているのは人ではなく、{}の案内のコンピューターです。職員とお話しになるときは、お電話ください。"
_HELLO = (
    "こんにちは。{}の窓口案内です。手続きや制度について、知りたいことをお聞かせください。"
    "たとえば「引っ越してきたときの手続き」「粗大ごみの出し方」のようにお尋ねください。"
)
_NOTHING_ASKED = "知りたいことを、言葉でお聞かせください。選ぶときは「1番」のように番号でもお答えいただけます。"
_HELP = (
    "知りたいことを、ふだんの言葉でお聞かせください。{}の手続きや窓口、ごみの分け方など、暮らしのことをご案内します。"
    "たとえば「引っ越してきたときの手続き」「粗大ごみの出し方」のようにお尋ねください。"
)
_NOT_OURS = (
    "申し訳ありません。その内容にはお答えできません。{}の手続きや制度、暮らしの相談窓口についてご案内しています。"
    "市役所に関することをお尋ねください。"
)

_TAIL = r"(?:です|でした|ございます|ございました|ね|よ|さま|様|さん)*[。.!！?？〜~ー\s]*$"

_GREETING = re.compile(
    r"^(?:もしもし|こんにち[はわ]|こんばん[はわ]|おはよう|おやすみ(?:なさい)?|はじめまして|初めまして|どうも|やあ|ハロー|hello|hi|よろしく(?:お願いします)?|ただいま)"
    + _TAIL
)
_THANKS = re.compile(
    r"^(?:どうも)?(?:ありがとう|有難う|ありがと|助かりました|助かった|了解(?:です|しました)?|分かりました|わかりました|わかった|さようなら|さよなら|バイバイ"
    r"|thanks?(?: you)?(?: very much)?"
    r"|ok|オーケー|オッケー|(?:それ|そい)?じゃあ?(?:また)?ね|では?また|またね|もういいです|大丈夫です|以上です|なるほど|おおきに|あいがと(?:さげもした)?)(?:、|。|\s)*(?:助かりました|ありがとう)?"
    + _TAIL
)

_YES_OR_NO = re.compile(r"^(?:はい|ええ|うん|いいえ|いや|ううん)[、。.!！\s]*$")  #: to no question that was asked: はい is no 灰

_HOW = re.compile(  #: alone; 「スマホの使い方」 is another matter
    r"^(?:(?:この|これの|ここの)(?:画面|案内|窓口案内|機械|チャット(?:ボット)?)?の?)?"
    r"(?:(?:使い方|使いかた|つかいかた|ヘルプ|help)(?:[はをがって]*(?:教えて|知りたい|分から?ない|わからない|分かりません|わかりません))?"
    r"|(?:これは?|ここ(?:では?|は)|あなたは?)?(?:何|なに|どんなこと|どういうこと)(?:が|を)?(?:できる|できます|聞ける|聞けます|聞けば|聞いたら)"
    r"|どう(?:やって|すれば)?(?:使う|使え|使ったら|聞け|聞いたら)ば?)"
    r"(?:いい|良い|よい)?(?:の|ん|ください|です|か|かな|よ)*[。.!！?？\s]*$"
)
_WHO_ANSWERS = re.compile(
    r"^(?:あなた|あんた|君|きみ|おまえ)(?:は|って)?(?:人間|人|機械|ロボット|コンピュータ|ai)(?:です|なの|なん|[かけ]|[?？]|$)"
)

# Outside a city hall's business. Each pattern needs words that no question about the city has.
_CHATTER = re.compile(
    r"(?:今日|明日|あした|週末|今)の?(?:お)?天気|天気予報|雨(?:が|は)?降(?:る|り(?:ます|そう))(?:の|です)?(?:か|かな|かね)?[?]?$|気温は|(?:あなた|君|きみ)(?:は|の|って).{0,4}(?:何歳|年齢|名前|誰|だれ|何者)"
    r"|^(?:何歳|名前は|誰|だれ)(?:です)?か?$|好きな(?:食べ物|色|歌|動物)|(?:彼氏|彼女)(?:は|が|って)?(?:い(?:る|ます|ない)|欲し|ほし)|(?:あなた|君)は結婚して|歌を歌|歌って|うたって|しりとり|なぞなぞ"
    r"|ジョーク|冗談を|(?:面白い|おもしろい)話|占って|占いを|宝くじ(?!の?(?:助成|補助))|星座|ラーメン(?:屋(?!を(?:開|始|や|出|営)|の(?:開|営|経))|が?食べ|を食べ|$)|レシピ|(?<!給食の)献立|(?:料理|カレー|ケーキ|おかず)の?作り方|ピザ|おすすめの(?:映画|店|ゲーム|曲|音楽|アニメ)"
    r"|(?:野球|サッカー|相撲)の?(?:試合|結果|順位)|株価|円相場|(?<!小)為替|ビットコイン|翻訳して|計算して(?:ください|くれ)?$|プログラムを(?:書|作)|詩を書|小説を|宿題を(?:して|やって|教えて|手伝って|解いて)(?:くれ(?!る[^?か]|ま)|よ|$)|今何時|何時ですか?$"
    r"|タイマー|電気を?(?:つけ|消)して|音楽を?(?:かけ|流)|^(?:暇|ひま|眠い|つまらない|うるさい|ばか|バカ|馬鹿|あほ|アホ)(?:だ|です|なん|よ|な)*$"
    r"|^[0-9]+ *[+×÷*=] *[0-9]+"
    r"|^結婚してい?ますか|(?:パソコン|スマホ|携帯(?:電話)?)の(?:使い方|調子|操作)(?!.*(?:教室|講座|講習))|名前を考えて|(?:恋人|友達|友人)と(?:喧嘩|けんか)(?:し(?:た|てる|ちゃった))?(?:よ|の|んだ|です)?$|近くの(?:コンビニ|スーパー|飲食店)は"
    r"|お腹(?:が)?(?:空|す)いた|死ね$|(?:新幹線|飛行機|ホテル|旅館|美容院).{0,4}(?:予約|時刻|時間|料金)|総理大臣は|大統領|芸能人|アイドル"
)

_REPLIES = (
    (_GREETING, Act.GREETING, _HELLO),
    (_YES_OR_NO, Act.GREETING, _NOTHING_ASKED),
    (_HOW, Act.GREETING, _HELP),
    (_WHO_ANSWERS, Act.CHATTER, _A_MACHINE),
)


@dataclass(frozen=True, slots=True)
class Reply:
    """A fixed reply."""

    act: Act
    text: str


def reply_to(text: str, city: str) -> Reply | None:
    """The fitting reply to what is not a question for the city hall; None for everything else."""
    folded = normalise(text)
    emergency = emergency_in(folded)
    if emergency:
        return Reply(Act.EMERGENCY, WHAT_TO_DO[emergency])
    if _THANKS.match(folded) or _THANKS.match(in_standard(folded)):
        return Reply(Act.THANKS, THANKS)
    for form, act, said in _REPLIES:
        if form.match(folded):
            return Reply(act, said.format(city))
    return Reply(Act.CHATTER, _NOT_OURS.format(city)) if _CHATTER.search(folded) else None
