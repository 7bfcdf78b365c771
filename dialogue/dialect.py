"""What is said as in Ōsumi in, the same with standard endings out: 「燃えちょっ」 is 燃えている, 「できん」 できない."""

from __future__ import annotations

import re

_ENDS = r"(?=$|[。!?、\s]|ど|よ|もす)"  #: not before が or と: おっかんが, ばあさんと
_RULES = tuple(
    (re.compile(pattern), standard)
    for pattern, standard in (
        (r"んもした", "んだ"),
        (r"(?<=[ぁ-ん])もした", "ました"),
        (r"(?<=[いっきしちりびみぎ])ちょっと(?=[なね]?[?。\s]*$)", "ているの"),
        (r"ちょらん|(?<=[しっ])とらん", "ていない"),
        (r"んじょらん", "んでいない"),
        (r"んじょ(?:る|っ(?!と)|い)", "んでいる"),
        (r"(?<=[ぁ-ん一-鿿])ちょ(?:る|っ(?!と)|い)", "ている"),
        (rf"じゃっ?(?:ど)?{_ENDS}", "だ"),
        (r"(?<=どこ|いつ|だれ)け(?=[?。\s]*$)|(?<=[誰何日番])け(?=[?。\s]*$)", "か"),
        (r"(?<!つ)よかと(?=[?。\s]*$)", "いいの"),
        (r"(?<!つ)よか(?=$|[。!?、\s]|ど|です)", "いい"),
        (rf"(?<=こ)ん{_ENDS}|(?<=でき)ん{_ENDS}", "ない"),
        (rf"(?<!ま)せん{_ENDS}", "しない"),
        (rf"(?<=[かがただなばまらわけげてべめれえ])ん{_ENDS}", "ない"),
        (rf"(?<=[きしちにみりいえけせてねべめれ]た)か{_ENDS}", "い"),
        (r"(痛|いた|苦し|くるし|臭|くさ|つら|きつ|こわ|怖|ひど|(?<!の)な)か(?=$|[。!?、\s]|ど|が)", r"\1い"),
        (r"どげん", "どう"),
    )
)


def in_standard(text: str) -> str:
    """A normalised text with the endings that everybody knows; as it is, where it has those."""
    for pattern, standard in _RULES:
        text = pattern.sub(standard, text)
    return text
