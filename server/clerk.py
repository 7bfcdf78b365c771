"""The knowledge base as one clerk may see it: what a department keeps to itself is for its staff alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from core.audience import Audience
from core.errors import NotFound
from retrieval.entry import Entry
from retrieval.faq import unfit_for_new
from retrieval.finding import Finding
from retrieval.repository import Repository
from retrieval.revisions import IMPORT, WAITING, Revision, Revisions, Standing, State
from retrieval.sending import Parcel, Sendings

OTHERS_DRAFT = (
    "担当課が、この項目の新しい版を書いています（ほかの課からは見えません）。書き直すときは、担当課に確かめてください。"
)
_TAKEN = "この番号の項目は、もうあります。別の番号にしてください。"
_OTHERS_AUDIENCE = "担当課だけの項目は、その課のパスワードで入った人が作れます。"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """An entry as far as a clerk may read it."""

    history: tuple[Revision, ...]  #: the versions that may be read, the first first; never empty
    serving: Entry | None  #: what answers now, where that may be read
    hides_serving: bool  #: something answers now, for the staff of a department alone
    newest: int  #: the number of the last version, be it one that may not be read

    @property
    def last(self) -> Revision:
        return self.history[-1]

    @property
    def hides_newer(self) -> bool:
        """Whether a department has a later version to itself: others may take the entry out of service, not write over that."""
        return self.last.number != self.newest

    @property
    def serving_number(self) -> int | None:
        """The number of the version that answers now."""
        approved = [r.number for r in self.history if r.state is State.APPROVED]
        return approved[-1] if self.serving is not None and approved else None

    @property
    def standing(self) -> Standing:
        return Standing(last=self.last, serving=self.serving)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clerk:
    """Entries for a clerk of a department, or of none."""

    revisions: Revisions
    repository: Repository
    kb: str
    department: str | None

    def may_read(self, entry: Entry) -> bool:
        return entry.is_for(Audience.STAFF, self.department)

    def standings(self, text: str) -> list[Standing]:
        """The entries that may be seen, each by its last version that may be read; only in that are words looked for."""
        wanted = Finding(text)
        seen = filter(None, map(self._seen, self.revisions.standings(self.kb)))
        return [s for s in seen if wanted.finds(s.last.entry)]

    def waiting(self, held: Collection[str]) -> list[Standing]:
        """Of some entries those that may be read and wait to be approved, in that order."""
        last = self.revisions.last(self.kb, held)
        drafts = [last[i] for i in held if i in last and last[i].state in WAITING and self.may_read(last[i].entry)]
        served = self.repository.served(self.kb, [r.entry.id for r in drafts])
        return [self._as_seen(Standing(last=r, serving=served.get(r.entry.id))) for r in drafts]

    def parcels(self, standings: Sequence[Standing], sendings: Sendings) -> list[Parcel]:
        """The files that wait to be looked at, by the drafts among some entries that came with them."""
        drafts = Counter(s.last.at for s in standings if s.last.state is State.DRAFT and s.last.by == IMPORT)
        return sendings.parcels(self.kb, drafts, self.department)

    def departments(self) -> list[str]:
        """The names of the city's counters: an answer of another department has no telephone number."""
        return counters(self.repository, self.kb)

    def view(self, entry_id: str) -> View:
        """An entry that may be seen: the version that answers, or the last one, may be read. Raises NotFound for others."""
        history = self.revisions.history(self.kb, entry_id)
        serving = self.repository.served(self.kb, [entry_id]).get(entry_id)
        if not any(self.may_read(entry) for entry in (history[-1].entry, serving) if entry):
            raise NotFound(f"項目「{entry_id}」はありません。番号を確かめてください。")
        return View(
            history=tuple(r for r in history if self.may_read(r.entry)),
            serving=serving if serving and self.may_read(serving) else None,
            hides_serving=serving is not None and not self.may_read(serving),
            newest=history[-1].number,
        )

    def forbids(self, entries: Sequence[Entry]) -> dict[str, str]:
        """Why the clerk may not write some of the entries, by their ids: nobody writes over what he may not read."""
        last = self.revisions.last(self.kb, {e.id for e in entries})
        hidden = [i for i, r in last.items() if not self.may_read(r.entry)]
        serving = self.repository.served(self.kb, hidden)
        told = {i: OTHERS_DRAFT if i in serving and self.may_read(serving[i]) else _TAKEN for i in hidden}
        told |= {e.id: f"{reason}。" for e in entries if e.id not in last and (reason := unfit_for_new(e.id))}
        return told | {e.id: _OTHERS_AUDIENCE for e in entries if not self.may_read(e)}

    def _seen(self, standing: Standing) -> Standing | None:
        if self.may_read(standing.last.entry):
            return self._as_seen(standing)
        may_read = standing.serving is not None and self.may_read(standing.serving)
        return self.view(standing.last.entry.id).standing if may_read else None

    def _as_seen(self, standing: Standing) -> Standing:
        """Without what answers now, where that may not be read."""
        serving = standing.serving if standing.serving and self.may_read(standing.serving) else None
        return Standing(last=standing.last, serving=serving)


def counters(repository: Repository, kb: str) -> list[str]:
    """The names of a city's counters, in the order of its table."""
    return [name for row in repository.load_table(kb, "departments") if (name := row.get("name"))]
