"""What clerks write above rows, before a question or as its category in, whom it keeps the answers for out: staff, or residents
again."""

from __future__ import annotations

import re

_KEPT_IN = "外秘|マル秘|極秘|㊙|非公開|取扱注意"
_OF_STAFF = re.compile(
    f"職員(?!採用)|庁内|課内|部内|内部(?!障|被)|担当者(?:用|向|限|のみ)|[(（【\\[<〈]秘[)）】\\]>〉]|{_KEPT_IN}|staff",
    re.IGNORECASE,
)
_CATEGORY_OF_STAFF = re.compile(f"(?:職員|庁内|担当者|staff)(?:用|向け?|限定|限り|専用|のみ)?|.*(?:{_KEPT_IN}).*", re.IGNORECASE)
_LABEL = re.compile("\\s*([【\\[［(（〔<＜《〈「『][^】\\]］)）〕>＞》〉」』]{1,20}[】\\]］)）〕>＞》〉」』])")
_ASKS = re.compile("か[。．]?$|[?？]$")
# Whom a heading addresses, not what it is about: neither 「住民用端末の操作」 nor 「外国人住民」.
_END = "(?:$|[】\\])）〉》」』］＞>:：])"
_THEM = "(?:の(?:方|皆|みな).{0,3}?)?"
_TO_RESIDENTS = re.compile(
    f"(?:(?<![一-龠々ァ-ヴー])(?:一般の?)?(?:住民|市民)|一般){_THEM}(?:用|向け?)(?:の?(?:FAQ|Q&A|よくあるご?質問|質問))?{_END}"
    f"|(?:^|\\W)(?:一般の?)?(?:住民|市民){_THEM}へ?{_END}|(?:^|for )residents?{_END}",
    re.IGNORECASE,
)


def kept_by_heading(heading: str, above: str) -> str:
    """Whom rows below a heading are kept for. One that names staff holds until one names residents: what others divide may still
    be for staff alone."""
    if names_staff(heading):
        return heading
    return "" if _TO_RESIDENTS.search(heading) else above


def names_staff(heading: str) -> bool:
    """A question that nobody answered yet is no heading, though it is about staff."""
    return bool(_OF_STAFF.search(heading)) and not _ASKS.search(heading)


def staff_label(question: str) -> str:
    """The 「【職員用】」 that a question begins with."""
    label = _LABEL.match(question)
    return label[1] if label and names_staff(label[1]) else ""


def is_for_staff(category: str) -> bool:
    """Whether a category is no subject, but says for whom the answers are: 「職員向け」, unlike 「職員採用」."""
    return _CATEGORY_OF_STAFF.fullmatch(category) is not None
