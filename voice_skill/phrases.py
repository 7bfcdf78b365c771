"""What the skill itself says, around the answers."""

from __future__ import annotations

EXAMPLES = "たとえば、転入届について教えて、や、燃えるごみの日はいつ、のようにお話しください。"
ASK_AWAY = "ご質問をどうぞ。"
ANYTHING_ELSE = "ほかにお知りになりたいことはありますか。"
STILL_THERE = "ご質問をお話しください。終わるときは、ストップ、とお話しください。"
GO_ON = "続きは、くわしく、とお話しください。"
GOODBYE = "ご利用ありがとうございました。"
NOT_UNDERSTOOD = "申し訳ありません。うまく聞き取れませんでした。"
OTHER_WORDS = "では、別の言い方でご質問をお話しください。"
CHOOSE = "一つ目、二つ目、のように、番号でお答えください。"
CHANGED = "ご案内の内容が変わりました。"
TAKE_YOUR_TIME = "はい、ごゆっくりどうぞ。"
NOTHING_MORE = "ご案内は以上です。"
NO_NUMBER = "電話番号のご案内がありません。"
UNAVAILABLE = "申し訳ありません。ただいまお答えできません。お急ぎの方は、お電話でお問い合わせください。"


def welcome(city: str) -> str:
    return f"{city}のご案内です。手続きやごみの分け方など、暮らしについてのご質問にお答えします。{ASK_AWAY}"


def help_text(city: str) -> str:
    return (
        f"{city}の手続き、窓口、ごみの分け方などをご案内します。{EXAMPLES}"
        f"もう一度聞くときは、もう一度、とお話しください。{ASK_AWAY}"
    )
