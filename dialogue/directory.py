"""The city's counters: which one deals with a question, and how to reach it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, time

from dialogue.answer import Contact
from dialogue.opening import Hours, day_text
from retrieval.analysis import normalise, same_question
from retrieval.synonyms import shipped

RECEPTION = "総合案内"

_DIRECTORY_QUESTION = re.compile(
    "電話番号|番号は|連絡先|問い合わせ先|内線|何階|どこにあ|はどこ|場所は|何番窓口|何時から|何時まで|受付時間|つないで|電話したい|電話して|(?:の|[課所室会局館]\\s*|\\s)(?:電話|場所|住所|所在地)(?:は|を|って|が)?(?:教えて|知りたい|わかり|分かり|どこ|です|$|[?。])"
)
_NO_MORE = re.compile("(?:お?電話|電話番号|連絡先|問い?合わせ先|代表番号|受付時間)(?:何番|は何番|はどこ)?(?:です)?か?")
_WHERE = re.compile("(?:は|って)?(?:どこ(?:に(?:あり(?:ます)?|ある))?|(?:場所|住所|所在地|行き方)(?:はどこ)?)(?:です)?(?:か|の)?")
#: All that is said besides a counter's name, in a hurry or without kanji: 「税務課どこ」「ぜいむかのばんごう」.
_OF_IT = re.compile(
    "(?:の|は|って)?(?:どこ|どけ|場所|ばしょ|番号|ばんごう|お?電話(?:番号)?|(?:お)?でんわ(?:ばんごう)?|なんばん|何番|なんじ(?:まで|から)?|何時)"
    "(?:は|って|です|か|ね|け|に|あり|ます|ある|と|ですと)*"
)
_CITY_HALL = re.compile("^(?:[^の]{1,4}市)?(?:市?役所|市庁舎|役場)の?(?:代表)?の?")
_SHORTEST_KIND = 2  #: characters: 福祉課 and 税務課 are not of a kind, 大隅支所 and 財部支所 are
_KANJI = "一-鿿々"
#: What a counter's name may follow or go on with and still be that name; other kanji make another (協議会, 監査法人).
_BEFORE = "(?:(?<=[市町村庁所役階日課])|(?<=地域))"
_AFTER = "(?=窓口|電話|番号|内線|連絡|場所|受付|担当|直通|何|長|職員|[今明]日|営業|開)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """One counter of the city hall."""

    name: str
    phone: str
    location: str
    address: str  #: empty where the table has none
    hours: Hours
    words: frozenset[str]  #: its name and what residents call it
    handles: frozenset[str]  #: what it deals with

    def contact(self, at: datetime) -> Contact:
        open_now = self.hours.is_open(at)
        next_open = None if open_now else self.hours.next_open(at)
        return Contact(
            department=self.name,
            phone=self.phone,
            location=self.location,
            hours=str(self.hours),
            open_now=open_now,
            next_open=next_open,
            next_open_text=day_text(next_open) if next_open else None,
        )


class Directory:
    """All counters."""

    def __init__(self, rows: Iterable[dict[str, str]], closed_days: Collection[str]) -> None:
        found = [_department(row, closed_days) for row in rows if row.get("name")]
        self._departments = {d.name: d for d in found}
        self._words = [(word, d) for d in self._departments.values() for word in d.words]

    def get(self, name: str | None) -> Department | None:
        """The counter of that name; the general one for names that are not there; None in a city without a directory."""
        return self._departments.get(name or "") or self._departments.get(RECEPTION)

    def is_name(self, text: str) -> bool:
        """Whether a text is nothing but what a counter is called."""
        return any(normalise(text) in d.words for d in self._departments.values())

    def of_a_kind(self, name: str, where: str) -> Department | None:
        """The counter elsewhere that is called as another is: 「財部」 after 大隅支所 is 財部支所."""
        place = normalise(where)
        alike = (d for d in self._departments.values() if d.name.startswith(place) and place)
        return next((d for d in alike if len(kind := d.name[len(place) :]) >= _SHORTEST_KIND and name.endswith(kind)), None)

    def named_in(self, text: str) -> Department | None:
        """The counter whose name or alias stands in a text, the longest first: 介護福祉課 is not 福祉課, 協議会 not 議会."""
        return _longest(self._standing_in(normalise(text)))

    def called_alike(self, department: Department, text: str) -> tuple[Department, ...]:
        """The counters that a text may name as well as one that it names: by ほけんか both 保険課 and 保健課."""
        folded = normalise(text)
        word = max((w for w in department.words if _stands_in(w, folded)), key=len, default=None)
        return tuple(d for d in self._departments.values() if word in d.words)

    def without_name(self, text: str) -> str:
        """A text without the name of the counter that stands in it; as it is, where there is none."""
        folded = normalise(text)
        words = [word for word, _ in self._standing_in(folded)]
        return folded.replace(max(words, key=len), "", 1) if words else folded

    def _standing_in(self, folded: str) -> list[tuple[str, Department]]:
        return [(word, d) for word, d in self._words if word in folded and _stands_in(word, folded)]

    def dealing_with(self, text: str) -> Department | None:
        """The counter that deals with something the text names, in whatever words: 保育園 is what 「保育所」 stands for."""
        folded, said = normalise(text), f" {' '.join(shipped().lemmas(text))} "
        return _longest(
            (w, d)
            for d in self._departments.values()
            for w in d.handles
            if w in folded or f" {' '.join(shipped().lemmas(w)) or w} " in said
        )

    def asked_for(self, text: str) -> Department | None:
        """The counter whose phone, place or hours are asked for, the general one where none is named; None when the text asks for
        something else."""
        named, key = self.named_in(text), same_question(text)
        rest = _CITY_HALL.sub("", key)
        if named is None and (_NO_MORE.fullmatch(rest) or (rest != key and _WHERE.fullmatch(rest))):
            return self.get(RECEPTION)
        if named is None:
            return None
        besides = same_question(self.without_name(text))
        return named if _DIRECTORY_QUESTION.search(normalise(text)) or _OF_IT.fullmatch(besides) else None


def _longest(matches: Iterable[tuple[str, Department]]) -> Department | None:
    return max(matches, key=lambda m: len(m[0]), default=("", None))[1]


def _stands_in(word: str, folded: str) -> bool:
    """Whether a name stands in a text by itself; kanji that run into its own make another name of it."""
    if word not in folded:
        return False
    before = f"(?:(?<![{_KANJI}])|{_BEFORE})" if re.match(f"[{_KANJI}]", word) else ""
    after = f"(?:(?![{_KANJI}])|{_AFTER})" if re.search(f"[{_KANJI}]$", word) else ""
    return bool(re.search(f"{before}{re.escape(word)}{after}", folded))


def _time(text: str | None, default: time) -> time:
    """「8:30」 or 「08:30」; the usual hour for what is not a time."""
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)(?::\d\d)?", normalise(text or ""))
    return time(int(found[1]), int(found[2])) if found else default


def _department(row: dict[str, str], closed_days: Collection[str]) -> Department:
    def words(*keys: str) -> frozenset[str]:
        return frozenset(normalise(w) for k in keys for w in row.get(k, "").split("|") if w.strip())

    opens, closes = _time(row.get("hours_open"), time(8, 30)), _time(row.get("hours_close"), time(17, 15))
    return Department(
        name=row["name"],
        phone=row.get("phone", ""),
        location=row.get("location", ""),
        address=row.get("address", ""),
        hours=Hours(opens=opens, closes=closes, closed_days=closed_days),
        words=words("name", "reading", "aliases"),
        handles=words("handles"),
    )
