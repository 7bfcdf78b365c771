"""Corrections of a transcript as they cross HTTP: an utterance written anew, a word in many places, taking the last one back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from asr.correction import LONGEST_WORD, occurrences, plain
from asr.corrections import Made, Rewrite, Word
from asr.steps import Manner
from asr.transcript import Segment
from asr.writing import Style, write
from server.accounts.account import Right
from server.auth import require
from server.routes.looked import add_looked
from server.routes.parting import Correcting, SegmentNumber, add_parting
from server.routes.writing import FreshBody, InStyle, SegmentBody

MOST_PLACES = 200  #: that one look shows, and so the most that are corrected at once
_AROUND = 20  #: characters on either side of a place
_WORDS_SHOWN = 3
Since = Annotated[int, Query(ge=0, le=2**31 - 1, description="画面で見た版(revision)")]
CorrectionId = Annotated[int, Path(ge=0, le=2**63 - 1, description="訂正の id")]


class RewriteBody(BaseModel):
    """What a person writes for an utterance."""

    model_config = ConfigDict(extra="forbid")

    was: str = Field(description="画面で見た文。ほかの人が先に直していたら、上書きしません")
    text: str = Field(description="直した文")
    speaker: str | None = Field(None, description="話者を変えるときの名前")


class VersionBody(BaseModel):
    """What is another whenever somebody changed what is said or who said it (`revision`), or what is noted of it (`noted`)."""

    revision: int
    noted: str


class WordBody(BaseModel):
    """A word that people corrected and that still stands in `places` places."""

    wrong: str
    right: str
    places: int


class PairBody(BaseModel):
    """A word, and what was written in its place."""

    wrong: str
    right: str


class RewrittenBody(BaseModel):
    """The utterance after it was corrected, and words corrected in it that stand elsewhere too."""

    segment: SegmentBody
    elsewhere: list[WordBody]


class PlaceBody(BaseModel):
    """A place where a word stands: the number of its utterance, its time, and the text around it."""

    segment: int
    start: float
    speaker: str | None
    before: str
    found: str
    after: str


class WantedBody(BaseModel):
    """A word that is looked for. It is posted, as addresses are written into the logs of proxies and may not hold names."""

    model_config = ConfigDict(extra="forbid")

    wrong: str = Field(min_length=1, max_length=LONGEST_WORD, description="今の言葉")
    right: str = Field("", max_length=LONGEST_WORD, description="直したあとの言葉")


class PlacesBody(BaseModel):
    """The first places, and how many there are in all."""

    places: list[PlaceBody]
    total: int


class MadeBody(BaseModel):
    """The correction that can be taken back next, and who made it; the first words of it that were written differently, or names
    of speakers where it is about these alone."""

    id: int
    by: str
    at: datetime
    manner: Manner
    words: list[PairBody]

    @classmethod
    def of(cls, made: Made) -> MadeBody:
        words = [PairBody(wrong=wrong, right=right) for wrong, right in made.words[:_WORDS_SHOWN]]
        return cls(id=made.id, by=made.by, at=made.at, manner=made.manner, words=words)


class CorrectionsBody(BaseModel):
    """How many corrections can be taken back, the next of them, and words that people corrected elsewhere and that stand here."""

    made: int
    last: MadeBody | None
    proposed: list[WordBody]


class ReplaceBody(BaseModel):
    """A word to be written differently in some utterances."""

    model_config = ConfigDict(extra="forbid")

    wrong: str = Field(description="今の言葉")
    right: str = Field(description="直したあとの言葉")
    segments: list[Annotated[int, Field(ge=0)]] = Field(max_length=MOST_PLACES, description="発言の番号")


class ReplacedBody(BaseModel):
    """In how many places a word was corrected."""

    places: int


class TakenBody(BaseModel):
    """How many utterances are as before, and how many stay because somebody changed them since."""

    back: int
    left: int


def correcting(
    prefix: str, tag: str, right: Right, allowed: Callable[..., Correcting], watched: Callable[..., Correcting]
) -> APIRouter:
    """The routes under `prefix/{recording_id}`; `right` is that to its kind, `allowed` says which recording it is, `watched` the
    same for a page that only asks whether it changed, again and again, though nobody may be reading. Both raise NotFound for
    any other."""
    router = APIRouter(prefix=prefix + "/{recording_id}", tags=[tag], dependencies=[Depends(require(right))])
    on_it = Depends(allowed)

    @router.patch("/segments/{segment}", summary="発言を直す")
    def rewrite(segment: SegmentNumber, body: RewriteBody, style: InStyle, on: Correcting = on_it) -> RewrittenBody:
        """画面で見た書き方の文を、書いたとおりに直します。ほかの書き方でも、直したところはそのままです。"""
        speaker = plain(body.speaker, longest=60) if body.speaker else None
        wanted = Rewrite(segment=segment, was=body.was, text=body.text, speaker=speaker)
        fresh = on.corrections.rewrite(on.recording_id, wanted, style, on.clock())
        return RewrittenBody(segment=SegmentBody.of(fresh), elsewhere=_proposed(on, style, of=(body.was, fresh.text)))

    @router.get("/segments/{segment}", summary="一つの発言")
    def one(segment: SegmentNumber, style: InStyle, on: Correcting = on_it) -> SegmentBody:
        return SegmentBody.of(write(on.recordings.segment(on.recording_id, segment), style))

    @router.get("/version", summary="直されたかどうか")
    def version(on: Correcting = Depends(watched)) -> VersionBody:
        """だれかが発言や書き留めた項目を直すたびに変わる印です。開いている画面が、ほかの画面で直されたことを知るために使います。"""
        return VersionBody(revision=on.recordings.revision(on.recording_id), noted=on.beside(on.recording_id))

    @router.get("/fresh", summary="直された発言")
    def fresh(since: Since, style: InStyle, on: Correcting = on_it) -> FreshBody:
        """画面で見た版(revision)のあとに、だれかが直した発言だけを返します。発言が増えたか減ったかは、番号の並びで分かります。"""
        return FreshBody.of(on.recordings.fresh(on.recording_id, since), style)

    @router.post("/places", summary="言葉を探す")
    def places(wanted: WantedBody, style: InStyle, on: Correcting = on_it) -> PlacesBody:
        """言葉のある発言を、前後の文とともに返します。直したあとの言葉の一部になっているところは、数えません。"""
        found = list(_places(_written(on, style), wanted.wrong, wanted.right))
        return PlacesBody(places=found[:MOST_PLACES], total=len(found))

    @router.post("/corrections", summary="言葉をまとめて直す")
    def replace_word(body: ReplaceBody, style: InStyle, on: Correcting = on_it) -> ReplacedBody:
        word = Word(wrong=plain(body.wrong, longest=LONGEST_WORD), right=plain(body.right, longest=LONGEST_WORD))
        return ReplacedBody(places=on.corrections.replace_word(on.recording_id, word, body.segments, style, on.clock()))

    @router.get("/corrections", summary="訂正の数と、訂正の候補")
    def made(style: InStyle, on: Correcting = on_it) -> CorrectionsBody:
        """候補は、この録音かほかの録音で職員が直した言葉のうち、まだここにあるものです。"""
        last = on.corrections.last(on.recording_id)
        made = on.corrections.count(on.recording_id)
        return CorrectionsBody(made=made, last=MadeBody.of(last) if last else None, proposed=_proposed(on, style))

    @router.delete("/corrections/{correction}", summary="最後の訂正を取り消す")
    def take_back(correction: CorrectionId, on: Correcting = on_it) -> TakenBody:
        """画面で見た最後の訂正の id を送ります。そのあとにほかの人が訂正していたら、取り消しません。"""
        taken = on.corrections.take_back(on.recording_id, correction)
        return TakenBody(back=taken.back, left=taken.left)

    add_parting(router, on_it)
    add_looked(router, on_it)
    return router


def _written(on: Correcting, style: Style) -> Iterator[Segment]:
    for segment in on.recordings.segments(on.recording_id):
        yield write(segment, style)


def _proposed(on: Correcting, style: Style, of: tuple[str, str] | None = None) -> list[WordBody]:
    words = on.corrections.proposed((s.text for s in _written(on, style)), of)
    return [WordBody(wrong=w.wrong, right=w.right, places=w.places) for w in words]


def _places(segments: Iterable[Segment], wrong: str, right: str) -> Iterator[PlaceBody]:
    for s in segments:
        for at in occurrences(s.text, wrong, right):
            end = at + len(wrong)
            yield PlaceBody(
                segment=s.number or 0,
                start=s.start_s,
                speaker=s.speaker,
                before=s.text[max(0, at - _AROUND) : at],
                found=wrong,
                after=s.text[end : end + _AROUND],
            )
