"""A few words about the conversation itself, and no question: 「もう一度」「くわしく」「そうじゃなくて」「えーと」."""

from __future__ import annotations

import re
from enum import Enum

from dialogue.dialect import in_standard
from retrieval.analysis import normalise

# Taken as it is first found and never tried anew: 「えええええ」 would otherwise be cut in every way there is.
HESITATION = (
    r"(?>え[ーえ]*+っ?と|え[ーえ]++|あの[ーおう]*+|その[ーおう]++|う[ーう]*+ん?と|う[ーう]++ん|ん[ーん]++|あ[ーあ]*+|まあ|ほら)"
)
_PLEASE = (
    r"(?:(?:言っ|いっ?|話し|はなし|しゃべっ|喋っ|読ん|聞か[せし]|教え|おしえ|説明し)[てで]|(?:を|で)?(?:お願い|おねがい)(?:し(?:ます|たい)|できます)?|頼みます)?"
    r"(?:ください|下さい|ちょうだい|くれ(?:る|ます|ません)?|もらえ(?:る|ます|ません)?|いただけ(?:ます|ません)|ほしい)?(?:です|ん)*"
)
_MORE_OF_IT = "(?:もっと|もう少し|もうちょっと|少し|ちょっと)?"
_NOT = r"(?:じゃ|では|や)(?:なくて|なく|ない|ありません|なかった)"


class Cue(Enum):
    """What somebody wants of the conversation; the value is how it is said."""

    AGAIN = (
        rf"(?:今の|いまの|さっきの|それ)?を?(?:もう|も)(?:一度|いちど|一回|いっかい|一ぺん|いっぺん|1度|1回){_PLEASE}"
        rf"|(?:よく|あまり)?(?:聞こえ|きこえ|聞き取れ|ききとれ)(?:ない|なかった|ません(?:でした)?|にくい|づらい)(?:です|ん)*"
        rf"|(?:今|いま)?(?:何|なん)(?:て|と|って)(?:言|い|おっしゃ)(?:った|いました|った)(?:の|ん)?(?:です)?"
        rf"|(?:繰り返し|くり返し|くりかえし)(?:て)?{_PLEASE}|え[っー]*(?=\?)"
    )
    SLOWLY = (
        rf"{_MORE_OF_IT}ゆっくり(?:と|め(?:に|で)?)?{_PLEASE}"
        r"|(?:早口|速い|早い|速すぎ|早すぎ)(?:る|ます|です|て|ん)*(?:聞き取れない|分からない)?"
    )
    MORE = (
        rf"{_MORE_OF_IT}(?:くわしく|詳しく)(?:知りたい|聞きたい)?{_PLEASE}"
        rf"|続き(?:は|を|が)?(?:知りたい|聞きたい)?{_PLEASE}|続けて{_PLEASE}"
    )
    YES = (
        r"はい(?:はい|[、\s]*お願いします)?|ええ|うん(?:うん)?|そう(?:です|だ|そう)*"
        r"|それ(?:です|でいい|でお願い|がいい)(?:です|します)*|(?:お願い|おねがい)します"
    )
    NO = (
        r"いいえ|いえ|いや|ううん|(?:どれ|誰|だれ|どっち|どちら)(?:で)?も(?:ない|ありません|違う|違います|ちがう)(?:です)?"
        r"|(?:その|この)?(?:中|なか)に(?:は)?(?:ない|ありません)(?:です)?|ない(?:です)?|ありません"
        r"|ほかの(?:こと|もの)?(?:です)?"
    )
    WRONG = (
        r"(?:違|ちが)(?:う|います|った|いました)(?:の|ん)?(?:です)?"
        rf"|(?:そう|それ|そういう(?:こと|意味))?{_NOT}(?:です|ん)*|間違(?:い|え|えた|えました)(?:です)?"
        r"|(?:そんな(?:こと|の)|それ)(?:は|を|なんか|なんて)?(?:聞|き|訊)いてい?(?:ない|ません|ねえ|ねー)(?:です|んだ|って|の|けど)*"
    )
    STOP = (
        r"もう(?:いい|結構|十分|大丈夫)(?:です)?|(?:やめ|止め|辞め)(?:て|る|ます|たい|とく|ましょう)(?:ください)?(?:です)?"
        r"|(?:これで)?(?:終わり|おわり|終了|おしまい|以上)(?:です|ます|にして|にします|ください|る|たい)*"
        r"|ストップ|キャンセル(?:して)?|中止(?:して)?|取り消し(?:て)?"
    )
    PERSON = (
        r"(?!(?:誰か|だれか)に?相談)(?:(?:人間?|職員|担当(?:者|の(?:人|方|職員))?|係(?:の(?:人|方))?|責任者|オペレーター|誰か|だれか)(?:さん|の方)?(?:と|に|を|へ)?(?:直接|電話で)?"
        r"(?:話(?:し?たい|をしたい|がしたい|し?させ[てろ])|[代替]わって|かわって|つない?で|繋いで|出して|出せ|呼んで|聞きたい|相談したい)|オペレーター|有人対応)"
        r"(?:ください|下さい|くれ|ほしい)?(?:です|のです|んです)?(?:けど|が)?"
    )
    PAUSE = (
        rf"(?:(?:{HESITATION}|すみません|すいません|ごめんください|ねえ)[、,\s]*+)++"
        rf"|(?:{HESITATION}[、,\s]*+)*+(?:ちょっと)?(?:待って|まって)(?:ください|ね)?"
    )


_HEAD = re.compile(
    rf"^(?:(?:{HESITATION}|すみません|すいません|ごめん(?:なさい)?|じゃあ?|では)"
    r"(?:[、,。]\s*|\s+|(?=もう|ゆっくり|くわしく|詳しく)))+"
)
_WRONG_FIRST = re.compile(rf"^(?:(?:いや|いいえ|いえ|ううん)[、,。\s]*)?(?:{Cue.WRONG.value})[、,。\s]+(?=..)")
_FORMS = {cue: re.compile(rf"(?:{cue.value})(?:か|ね|よ|わ|な|は)*[?。!.…、\s]*") for cue in Cue}
_DENIED_FIRST = re.compile(r"^(?:いや|いいえ|いえ|ううん)[、,。\s]*(?=違|ちが|そう|それ)")


def cue_in(text: str) -> Cue | None:
    """What a text that says nothing else wants of the conversation; None where it says anything else."""
    folded = normalise(text)
    said = _DENIED_FIRST.sub("", _HEAD.sub("", folded))
    forms = dict.fromkeys((folded, said, in_standard(said)))
    return next((cue for cue, form in _FORMS.items() if any(map(form.fullmatch, forms))), None)


def after_correction(text: str) -> str:
    """「そうじゃなくて、印鑑登録」 without the words that turn the last answer down."""
    return _WRONG_FIRST.sub("", text, count=1)
