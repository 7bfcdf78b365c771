"""A question and what was found for it in, whether the first entry may be told as its answer out; else it is only offered."""

from __future__ import annotations

import re

from dialogue.ellipsis import FAILED, WISHED, lone_verb, names_a_matter
from dialogue.side import is_of_another_side
from dialogue.suggestions import OFFER_WITHIN
from dialogue.thing import thing_of
from retrieval.analysis import is_bare_name, normalise
from retrieval.hit import Evidence, Found, Hit
from retrieval.synonyms import shipped
from retrieval.tokens import tokens

SAME_WORDS = 0.6  #: share of a question's content that an entry must have, or the other way round, to be about the same
CLEARLY_MORE = 0.25  #: of the same share
MORE = 0.2  #: of it, where the first entry is not asked in the same words at all
HALF = 0.5  #: of it
ALL_WORDS = 0.99  #: of it
HARDLY_ANY = 0.25  #: of it
TIE = 0.5  #: of scores, by which two entries are hardly told apart
STORY_CHARS = 40
SHORT = 4  #: words with a meaning of their own
FEW_WORDS = 2  #: with a meaning of their own
_ROWS = dict(zip("えけげせてねべめれ", "うくぐすつぬぶむる", strict=True))  #: of 払える and 払う, 書ける and 書く
#: What says when and no more names no matter: 「今日だろ」.
_WHEN = frozenset(
    "今日 明日 明後日 昨日 今 今朝 今夜 今年 去年 来年 今月 来月 先月 今週 来週 先週 毎日 何時も さっき 後 前 直ぐ".split()
)

#: How many are asked for; hours are those of opening, which whoever names a place may mean.
_HOW_MANY = "何(?:時間|[日週年回人者名分割歳円枚件社本個]|か月|パーセント|%)"
#: What is asked of a name besides, which an entry that only has the name may not say.
_FACT = re.compile(
    f"(?:(?:は|って|が|の日は|だと|だったら|なら|の場合は?)?(?:(?:いつ|いくら|{_HOW_MANY})(?:から|まで|以内|以上)?|どこ(?:[でにへ](?:する|します|できる|できます)?)?|誰|だれ)"
    "|(?:は|って)?(?:あり|い)(?:ます|ません))(?:です|か|の)*[?。!\\s]*$"
)
_NUMBER_OF = re.compile("の?(?:電話番号?|連絡先)(?:は|を|が|って)?(?:教えて|知りたい|何番)?(?:です|ください|か|の)*[?。!\\s]*$")
_HOW_MUCH = re.compile("いくら(?!か[^か])|何円|(?:料金|手数料|値段|費用)(?:は|って)?[?。]*$")
_MONEY = re.compile("円|[無有]料|料金|[用数]料|費用|代金|負担|(?<!限度)額")
_GOING = frozenset({"行く", "来る"})  #: to what is asked about
_LETTERS = "一-鿿々ァ-ヶー"
_WHEN_IS = re.compile(f"の([{_LETTERS}]{{2,}})(?:は|って)?(?:いつ|何日|何月)")
_NAME = re.compile(f"[{_LETTERS}]{{2,}}")
_TOGETHER = re.compile(
    f"([{_LETTERS}]{{2,}})と([{_LETTERS}]{{2,}})(?=[をのがはも、?。]|って|について|に関|お?願い|教え|$)"
)  #: not 「友人と役所に」「日本人と結婚します」
_OF_ANOTHER = re.compile("[県府都道]立|国立(?!公園)")


def is_certain(text: str, found: Found) -> bool:
    """Whether the first hit is known to answer."""
    if not found.hits or found.confidence < found.answer_from:
        return False
    first = found.hits[0]
    if first.evidence.exact:
        return True
    return not (
        set(shipped().lemmas(text)) <= _WHEN
        or _only_touches(text, first)
        or _lacks_most(text, first)
        or _lacks_its_verb(text, first)
        or _lacks_its_thing(text, first)
        or _is_of_one_kind(text, first)
        or _has_one_of_two(text, first)
        or _lacks_its_price(text, first)
        or _lacks_its_day(text, first)
        or _is_only_mentioned(first)
        or _is_put_together(first)
        or _is_asked_by_another(found)
        or _is_a_name_of_several(text, found)
        or _is_done_with_several(text, found)
        or _is_of_another_body(text, first)
        or _is_lost(text, first)
        or is_of_another_side(text, first.entry)
    )


def is_named(text: str, found: Found) -> bool:
    """Whether a text is no more than a word or two that a question of the first entry has: of many that have them none is likely,
    and all may be meant (介護, 引っ越してきた)."""
    words = set(shipped().lemmas(text))
    if not found.hits or not 0 < len(words) <= FEW_WORDS:
        return False
    first = found.hits[0].entry
    return any(words <= set(shipped().lemmas(question)) for question in first.questions)


def has_only_the_number(text: str, hit: Hit) -> bool:
    """Whether the telephone of something is asked for, and an entry speaks of telephones alone: 「保健所の電話番号」."""
    whose = _NUMBER_OF.sub("", normalise(text))
    if whose == normalise(text):
        return False
    asked = {lemma for question in hit.entry.questions for lemma in shipped().lemmas(question)}
    return not asked & set(shipped().lemmas(whose))


def _only_touches(text: str, hit: Hit) -> bool:
    """Whether a bare name stands in what an entry says without being what it is about: 「ガラスのコップ」 and cloudy
    water, 「夏休みはいつから」 and who looks after pupils then."""
    known = hit.evidence
    if hit.entry.is_passage:  # its question has its document's title, and its text is full of facts
        says_all = known.coverage >= ALL_WORDS and len(set(shipped().lemmas(text))) > FEW_WORDS  # 切手の精算の期限
        return known.question_coverage < SAME_WORDS and not says_all and is_bare_name(text)
    asked = normalise(text)
    how_many = re.search(_HOW_MANY, asked)
    is_its_question = how_many is not None and any(how_many[0] in q for q in hit.entry.questions)
    share = known.question_coverage if is_its_question else min(known.question_coverage, known.covered_by)
    return share < SAME_WORDS and is_bare_name(_FACT.sub("", asked))


def _lacks_most(text: str, hit: Hit) -> bool:
    """Whether an entry lacks the word that says most of a question of few: who wants to be a ブリーダー of dogs is not who keeps
    one. What shares no words at all was found by its meaning."""
    return 0 < hit.evidence.coverage < HALF and 0 < len(set(shipped().lemmas(text))) <= FEW_WORDS


def _lacks_its_verb(text: str, hit: Hit) -> bool:
    """Whether an entry says nothing of what is done in a question that says no more than this, and where or when: 「コンビニで
    払える？」 where certificates are had from shops. 「街灯が切れた」 says of what, and may say it in other words. What shares no
    words at all was found by its meaning."""
    verb = lone_verb(text, endings=WISHED)
    if verb is None or verb in _GOING or hit.evidence.coverage == 0:
        return False
    entry = "\n".join((*hit.entry.questions, hit.entry.answer))
    said = {form for token in tokens(normalise(entry)) if token.pos == "動詞" for form in _forms(token.lemma)}
    is_named = any(lemma in shipped().lemmas(entry) for lemma in shipped().lemmas(verb))
    return not is_named and said.isdisjoint(_forms(verb))


def _lacks_its_thing(text: str, hit: Hit) -> bool:
    """Whether an entry says nothing of the thing that a short question is about: 「シロアリの駆除」 where bees are got rid of,
    「図書館でネット使える？」 where books are lent. What shares no words at all was found by its meaning."""
    known = hit.evidence
    if not 0 < known.question_coverage < SAME_WORDS or len(set(shipped().lemmas(text))) > SHORT:
        return False
    entry = "\n".join((*hit.entry.questions, hit.entry.answer))
    thing = set(shipped().lemmas(thing_of(text) or ""))
    return bool(thing) and thing.isdisjoint(shipped().lemmas(entry))


def _is_of_one_kind(text: str, hit: Hit) -> bool:
    """Whether a question is no more than a name that the entry's questions have within a longer one: a 手話通訳 is not all
    that 「通訳をお願いできますか」 may mean, nor a 身体障害者手帳 every 障害者手帳. A passage has no questions."""
    if hit.entry.is_passage:
        return False
    asked, words = normalise(text), set(shipped().lemmas(text))
    name = next((n for n in _NAME.findall(asked) if words and words <= set(shipped().lemmas(n))), None)
    found = [q for q in map(normalise, hit.entry.questions) if name and name in q]
    return bool(found) and not any(re.search(f"(?<![{_LETTERS}]){name}", question) for question in found)


def _has_one_of_two(text: str, hit: Hit) -> bool:
    """Whether two things are asked about together, and no question of the entry has both: 「国保と年金お願いします」."""
    names = [name for found in _TOGETHER.finditer(normalise(text)) for name in found.groups()]
    if hit.entry.is_passage or not names or not all(map(names_a_matter, names)):
        return False  # 「火葬場の予約と料金」 is one
    both = [set(shipped().lemmas(name)) for name in names]
    return not any(all(name <= set(shipped().lemmas(question)) for name in both) for question in hit.entry.questions)


def _lacks_its_price(text: str, hit: Hit) -> bool:
    """Whether it is asked how much something is, and an entry says nothing of money: 「印鑑証明いくら」."""
    says_it = _MONEY.search("\n".join((*hit.entry.questions, hit.entry.answer)))
    return not says_it and _HOW_MUCH.search(normalise(text)) is not None


def _lacks_its_day(text: str, hit: Hit) -> bool:
    """Whether it is asked when something of a matter is, and an entry says nothing of that: 「固定資産税の納期はいつ」 where it
    is told who pays."""
    asked = _WHEN_IS.search(normalise(text))
    entry = "\n".join((*hit.entry.questions, hit.entry.answer))
    return asked is not None and set(shipped().lemmas(asked[1])).isdisjoint(shipped().lemmas(entry))


def _forms(verb: str) -> set[str]:
    """A verb and what it is that may be done: 払う of 払える."""
    stem, row = verb[:-2], verb[-2:-1]
    return {verb, f"{stem}{_ROWS[row]}"} if verb.endswith("る") and row in _ROWS else {verb}


def _is_only_mentioned(hit: Hit) -> bool:
    """Whether the words of a question stand in the answer alone: 「救急車の呼び方」 where it is told when to call one. What
    shares no words at all was found by its meaning."""
    known = hit.evidence
    return not hit.entry.is_passage and known.coverage > 0 == known.question_coverage


def _is_put_together(hit: Hit) -> bool:
    """Whether what is asked stands half in one paraphrase and half in another, and so in none: 「ふるさと納税の返礼品」 where one
    asks for the tax and another what to do after the gift came."""
    return hit.evidence.together < SAME_WORDS * hit.evidence.coverage


def _is_asked_by_another(found: Found) -> bool:
    """Whether another entry asks more of it. A passage is not found by what it is asked."""
    first, *others = found.hits
    return not first.entry.is_passage and any(
        asks_more(hit.evidence, first.evidence) or _has_other_words(first.evidence, hit.evidence) for hit in others
    )


def _has_other_words(first: Evidence, other: Evidence) -> bool:
    """Whether the first is neither asked in the words of a question nor in its own altogether, and another in more of them:
    「18歳になったら選挙行ける？」 is not about a lost card."""
    is_asked = first.question_coverage >= SAME_WORDS or first.covered_by >= ALL_WORDS
    return not is_asked and other.question_coverage >= first.question_coverage + MORE


def _is_a_name_of_several(text: str, found: Found) -> bool:
    """Whether a bare name is all in the questions of another entry, too, that is scarcely behind: 「住民票」 may be moved, hidden
    or had by mail. So may what a fact is asked of, where the two are hardly told apart: 「軽自動車の廃車はどこでする」."""
    first, *others = found.hits
    is_bare = is_bare_name(text)
    if not is_bare and (first.evidence.same_words or not is_bare_name(_FACT.sub("", normalise(text)))):
        return False
    within = OFFER_WITHIN if is_bare else TIE
    return any(first.score - hit.score <= within and hit.evidence.question_coverage >= 1 for hit in others)


def _is_done_with_several(text: str, found: Found) -> bool:
    """Whether a verb stands alone, and entries of several counters have it: 「払えない」."""
    first, *others = found.hits
    return lone_verb(text, endings=(*WISHED, *FAILED)) is not None and any(
        hit.evidence.question_coverage >= 1 and hit.entry.department != first.entry.department for hit in others
    )


def asks_more(other: Evidence, first: Evidence) -> bool:
    """Whether an entry is asked in clearly more of the words than the first, and says less besides or is nearer by its meaning:
    「台風で屋根が飛んだ」 asks for a certificate of the damage, not what to do before a storm. Or in as many, says clearly less
    besides and is nearer: 「戸籍謄本はどこで取れますか」 asks for this city's."""
    says_less = other.covered_by >= first.covered_by
    says_clearly_less = other.covered_by >= first.covered_by + CLEARLY_MORE
    is_nearer = other.question_cosine > first.question_cosine
    if other.question_coverage >= first.question_coverage + CLEARLY_MORE:
        return says_less or is_nearer
    return other.question_coverage >= max(first.question_coverage, SAME_WORDS) and says_clearly_less and is_nearer


def is_rival(other: Hit, first: Hit) -> bool:
    """Whether a hit is scarcely behind the first, which has no clearly larger part of the question: who names a rule means it."""
    is_near = first.score - other.score <= OFFER_WITHIN
    return is_near and first.evidence.question_coverage < other.evidence.question_coverage + CLEARLY_MORE


def _is_of_another_body(text: str, hit: Hit) -> bool:
    """Whether it is about what the prefecture or the state runs, of which the entry says nothing."""
    named = _OF_ANOTHER.search(normalise(text))
    return named is not None and not hit.entry.says(named[0])


def _is_lost(text: str, hit: Hit) -> bool:
    """Whether a long story and the entry have hardly any words in common: a story of many things is like many entries."""
    known = hit.evidence
    asked = known.coverage if hit.entry.is_passage else known.question_coverage
    return len(text) > STORY_CHARS and asked < HARDLY_ANY and known.covered_by < SAME_WORDS
