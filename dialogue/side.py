"""A question and an entry in, whether it is asked from another side than the entry is about: by who does, sells or mends it.

「図書館で働きたい」 has all the words of who wants to borrow books there, and 「トイレが詰まった」 those of a gutter that is.
"""

from __future__ import annotations

import re

from retrieval.analysis import normalise
from retrieval.entry import Entry
from retrieval.garbage import OF_A_BUSINESS
from retrieval.synonyms import shipped
from retrieval.tokens import tokens

#: What who asks wants to be or do, and what is said in the questions of an entry that is for such people.
_SIDES = tuple(
    (re.compile(wish), re.compile(known))
    for wish, known in (
        (r"[にと](?:なりたい|なるに|なれ(?:る|ます))", r"[にと]な(?:りた|るに|るとき|れ)"),
        (r"として[^。、]{0,8}(?:働|勤め|登録|活動|協力)", r"として(?!使)"),
        (
            r"働(?:きたい|けます|ける(?!か))|勤めたい|雇(?:いたい|って|うとき|うに)|(?:仕事|アルバイト|パート)(?:を|が)?したい|求人|採用",
            r"働|勤め|雇|就職|就労|仕事|求人|採用|アルバイト|パート|作業所|実習生",
        ),
        (
            r"売りたい|卸したい|買い取って|(?:出品|出店|納品|納入|入札)(?:を|に)?(?:し|参加)|(?<![税料金分代])を納め(?:たい|るに)"
            r"|業の?(?:許可|免許)|営業許可",
            r"売|買い?取|譲|処分|出品|出店|納品|納入|入札|創業|起業|業の?(?:許可|免許)|営業",
        ),
        (r"引き受け(?:る|たい)|請け負", r"引き受け|請け負"),
        (r"弁償|賠償|補償し", r"弁償|賠償|補償"),
        (OF_A_BUSINESS.pattern, r"店|事業|会社|商売|工場"),
    )
)
_AS_WHOM = re.compile(r"([一-鿿ァ-ヶー]{1,12}(?:[者士師員家人主手業店屋長]|(?<=[ァ-ヶー])))として(?!使)")

#: That something does not work, and the words of an entry that tells what to do then.
_FAILS = re.compile(
    r"(?:壊|こわ)[しれ][たて]|割[れっ][たて]|破(?:れ|っ|損し)[たて]|故障し|(?:詰|つ)まっ[たて]|パンクし"
    r"|(?:流れ|動か|効か|点か|つか|鳴ら|閉まら|つながら|止まら|映ら)(?:な[いく]|ん$)|鳴っ[たて]"
)
_MENDED = re.compile(
    "壊れ|こわれ|故障|破損|割れ|詰ま|つま[りっ]|漏|修理|修繕|修復|直[しすせ]|異常|消え|切れ|止まらな|あふれ|溢れ|汚し|不具合"
)
_NAMING = frozenset({"名詞", "接尾辞", "接頭辞"})


def is_of_another_side(text: str, entry: Entry) -> bool:
    """Whether an entry is not asked by such as ask this, or does not tell what to do where this fails."""
    written = normalise(text)
    known = [known for wish, known in _SIDES if wish.search(written)]
    known += [re.compile(re.escape(m[1])) for m in _AS_WHOM.finditer(written)]
    if known:
        asked = normalise("\n".join((entry.question, *entry.paraphrases, *((entry.answer,) if entry.is_passage else ()))))
        if not all(each.search(asked) for each in known):
            return True
    failure = _FAILS.search(written)
    return failure is not None and not _tells_of(entry, _thing(written[: failure.start()]))


def _tells_of(entry: Entry, thing: str) -> bool:
    """Whether an entry speaks of a thing, or of whatever it is, and of what doesn't work."""
    texts = (entry.question, *entry.paraphrases, entry.answer)
    if not any(_MENDED.search(normalise(text)) for text in texts):
        return False
    return set(shipped().lemmas(thing)) <= {lemma for text in texts for lemma in shipped().lemmas(text)}


def _thing(before: str) -> str:
    """The last name before it is said that something fails: トイレ of 「うちのトイレが詰まった」."""
    names: list[str] = []
    for token in reversed(tokens(before)):
        if token.pos in _NAMING:
            names.append(token.surface)
        elif names:
            break
    return "".join(reversed(names))
