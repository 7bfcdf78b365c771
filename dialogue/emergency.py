"""A normalised text in, the kind of emergency that it tells of out, and whom to call. `data/dangers.toml` has what tells of it.

A danger that is missed is worse than a question taken for one; but who asks for a certificate afterwards wants the certificate.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache

from dialogue.dialect import in_standard
from dialogue.rule import Rule
from dialogue.wording import Wording, read_wording
from retrieval.analysis import is_hiragana


class Emergency(StrEnum):
    """Kinds that need different words."""

    DESPAIR = "despair"
    GAS = "gas"
    POISON = "poison"
    LIFE = "life"
    VIOLENCE = "violence"
    CHILD = "child"
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
    # https://www.cfa.go.jp/policies/jidougyakutai/gyakutai-taiou-dial
    Emergency.CHILD: (
        "ひとりで抱えないでください。子どもを育てるのがつらい、手を上げてしまう、一緒に暮らせないといったことは、児童相談所に話せます。"
        "電話0120-189-783（24時間、無料）か、189番へ電話してください。名前を言わずに相談でき、秘密は守られます。"
        "今、命に危険があるときは、すぐに110番か119番へ電話してください。この窓口案内からは通報できません。"
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

#: Asked beforehand. Of gas, poison and stings no knowledge base says more than the reply does.
_TOLD_BEFOREHAND = (Emergency.GAS, Emergency.POISON, Emergency.STING)


class _Dangers:
    """The table: what is happening and what has happened, of each kind, and with which words that is only asked about."""

    def __init__(self) -> None:
        table = read_wording("dangers")
        wording = Wording(table["words"])
        self.now = {kind: Rule.read_all(table[kind].get("now", ()), wording) for kind in Emergency}
        self.just_now = {kind: Rule.read_all(table[kind].get("just_now", ()), wording) for kind in Emergency}
        self.afterwards, self.supposed = wording.pattern(*table["afterwards"]), wording.pattern(*table["supposed"])
        self._kanji: dict[str, str] = table["kanji"]
        self._kana = re.compile("|".join(self._kanji))

    def in_kanji(self, folded: str) -> str:
        return self._kana.sub(lambda m: self._kanji[m[0]], folded.replace(" ", ""))


def emergency_in(folded: str) -> Emergency | None:
    """The kind of emergency that a normalised text tells of; the one with the most particular advice comes first."""
    dangers = _dangers()
    if is_hiragana(folded):
        folded = dangers.in_kanji(folded)
    folded = in_standard(folded)
    is_asked = bool(dangers.afterwards.search(folded))
    is_supposed = bool(dangers.supposed.search(folded))
    for kind in Emergency:
        if any(danger.fits(folded) for danger in dangers.now[kind]):
            return kind
        is_a_question = is_asked or (is_supposed and kind not in _TOLD_BEFOREHAND)
        if not is_a_question and any(danger.fits(folded) for danger in dangers.just_now[kind]):
            return kind
    return None


@cache
def _dangers() -> _Dangers:
    return _Dangers()
