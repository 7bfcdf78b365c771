"""The city's facilities: a question's words in, the facilities that they name out, each with its hours and closing days."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from retrieval.analysis import normalise, reading
from retrieval.city.opening import Opening
from retrieval.names import fold

# The columns of the national standard data set 「公共施設一覧」, taken as they are.
_STANDARD = {
    "名称": "name", "名称_カナ": "reading", "所在地_連結表記": "address", "電話番号": "phone", "利用可能日時特記事項": "notice",
    "POIコード": "kind",
}  # fmt: skip


_SHORTEST_TOWN = 2
_SHORTEST_READING = 4  #: kana of a kind that is a name by itself: ほけん is in too many words
#: What makes another word of a name: 図書館員, but 図書館長期休館 and プール費用 are said of it.
_GOES_ON = "[課局署員師士]|費(?!用)|税(?![込抜])|証(?!明)|所(?![在蔵有])|長(?![い期])"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facility:
    """One place that residents use."""

    name: str
    kind: str  #: 図書館, 体育館 …; where names begin or end with it, it asks for all of them
    phone: str
    address: str
    notice: str
    department: str  #: the counter that answers for it
    opening: Opening
    words: frozenset[str]  #: folded names

    @property
    def is_called_by_kind(self) -> bool:
        """Whether 図書館 or 温泉 alone asks for it; 運動施設 doesn't."""
        return fold(self.kind) in self.words


class Facilities:
    """All facilities."""

    def __init__(self, rows: Iterable[dict[str, str]]) -> None:
        found = [facility_of(row) for row in rows]
        self._facilities = _told_apart([f for f in found if f is not None])
        self._by_word: dict[str, list[Facility]] = {}
        for facility in self._facilities:
            for word in facility.words:
                self._by_word.setdefault(word, []).append(facility)
        self._words = sorted(self._by_word, key=len, reverse=True)

    def __bool__(self) -> bool:
        return bool(self._facilities)

    def named_in(self, text: str) -> tuple[Facility, ...]:
        """The facilities that a text names, by the longest name in it; several when it names a kind (図書館)."""
        _, name, _ = self.around_name(text)
        return tuple(self._by_word[name]) if name else ()

    def one_name_of(self, text: str) -> str | None:
        """What a text calls one facility, or all of a kind (図書館); None where it names none."""
        found = self.named_in(text)
        if not found:
            return None
        return found[0].name if len(found) == 1 else self.around_name(text)[1]

    def asked_after(self, text: str, what: re.Pattern[str]) -> bool:
        """Whether `what` stands right after the name in a text: 「図書館の電話番号」, not 「図書館の本はどこに返す」."""
        _, name, rest = self.around_name(text)
        return bool(name) and bool(what.match(rest))

    def around_name(self, text: str) -> tuple[str, str, str]:
        """What stands before the longest name in a text, the name and what follows it, all folded; no name is empty."""
        folded = fold(text)
        for name in self._words:
            if name in folded and (found := _standing(name, folded)):
                return folded[: found.start()], name, folded[found.end() :]
        return folded, "", ""

    def of_a_kind(self, place: str, where: str) -> Facility | None:
        """The one facility in a town, of the kind of another or of that name: 「大隅」 after 末吉図書館 is 大隅図書館."""
        kinds = {f.kind for f in self._facilities if place in (f.name, f.kind) and f.is_called_by_kind}
        town = fold(re.sub("[町村]?(?:地区)?$", "", where))
        alike = [f for f in self._facilities if f.kind in kinds and f.is_called_by_kind]
        found = [f for f in alike if fold(f.name).startswith(town) or fold(f.address).startswith(town)]
        return found[0] if len(found) == 1 and len(town) >= _SHORTEST_TOWN else None

    def called(self, name: str) -> Facility | None:
        """The one facility of a name."""
        found = self._by_word.get(fold(name), [])
        return found[0] if len(found) == 1 else None

    def is_name(self, text: str) -> bool:
        """Whether a text is nothing but a facility's name."""
        return re.sub("(?:です|だよ|でお願いします|の方)?。?$", "", fold(text)) in self._by_word


def _standing(name: str, folded: str) -> re.Match[str] | None:
    """Where a name first stands in a text; 保健 is not in 保健課, nor 図書館 in 図書館員."""
    return re.search(f"{re.escape(name)}(?!{_GOES_ON})", folded)


def _told_apart(facilities: Sequence[Facility]) -> tuple[Facility, ...]:
    """Those that share a name are called by where they are, too: else a choice between them could not be made."""
    alike: dict[str, list[Facility]] = {}
    for facility in facilities:
        alike.setdefault(fold(facility.name), []).append(facility)
    named: dict[str, Facility] = {}
    for facility in facilities:
        called = _called(facility, alike[fold(facility.name)])
        named.setdefault(called, replace(facility, name=called, words=facility.words | {fold(called)}))
    return tuple(named.values())


def _called(facility: Facility, alike: Sequence[Facility]) -> str:
    """Its name, with the town where that tells it from the others, else with as much as does."""
    if len(alike) == 1:
        return facility.name
    for where in (_town, attrgetter("address"), attrgetter("phone")):
        if len({where(each) for each in alike}) == len(alike):
            return f"{facility.name}（{where(facility)}）"
    return f"{facility.name}（{facility.address or facility.phone}）"


def _town(facility: Facility) -> str:
    return re.split("(?<=[町村])", facility.address, maxsplit=1)[0]


def _beginning(name: str, kind: str) -> str:
    """A name as far as its first word after the kind: 道の駅おおすみ of 道の駅おおすみ弥五郎伝説の里."""
    found = re.match(f"{re.escape(kind)}(?:[ぁ-ゖー]+|[ァ-ヶー]+|[一-鿿々]+)", name) if kind else None
    return found[0] if found else ""


def facility_of(row: Mapping[str, str]) -> Facility | None:
    """The facility of a row, None for a row without a name.

    Raises:
        ValueError: its hours or closing days are in no known form.
    """
    cells = {_STANDARD.get(k, k): v for k, v in row.items()}
    name = cells.get("name", "")
    if not name:
        return None
    hours, closed = cells.get("hours", ""), cells.get("closed", "")
    if cells.get("開始時間") and cells.get("終了時間"):
        days = re.sub(r"[\s、,，・;；/／|｜]", "", cells.get("利用可能曜日", ""))
        begin, end = (":".join(cells[c].split(":")[:2]) for c in ("開始時間", "終了時間"))  # without the seconds of Excel
        hours = f"{days} {begin}-{end}".strip()
    kind = cells.get("kind", "")
    called = kind if kind and (name.startswith(kind) or name.endswith(kind)) else ""  # 図書館 is asked for, 相談 is not
    names = (
        name,
        cells.get("reading") or reading(name),
        *cells.get("aliases", "").split("|"),
        called,
        heard if len(heard := reading(called)) >= _SHORTEST_READING else "",
        _beginning(name, kind),
    )
    return Facility(
        name=name,
        kind=kind,
        phone=normalise(cells.get("phone", "")),
        address=cells.get("address", ""),
        notice=cells.get("notice", ""),
        department=cells.get("department", ""),
        opening=Opening.parse(hours, closed),
        words=frozenset(w for n in names if len(w := fold(n)) >= 2),
    )
