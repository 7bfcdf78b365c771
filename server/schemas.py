"""The JSON of questions and answers: what clients may rely on."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from core.audience import Audience
from dialogue.answer import Act, Answer, Band

MAX_SESSION_CHARS = 64


class QuestionBody(BaseModel):
    """A question."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(description="質問", examples=["引っ越してきたときの手続きは？"])
    session: str | None = Field(
        None, max_length=MAX_SESSION_CHARS, description="前の返事にあった session。続けて尋ねるときに付けます"
    )
    entry_id: str | None = Field(None, max_length=400, description="選んだ候補の entry_id。text にはその question を入れます")


class CitationBody(BaseModel):
    """Where a quoted answer comes from."""

    model_config = ConfigDict(from_attributes=True)

    entry_id: str
    question: str
    source_title: str | None
    source_url: str | None
    department: str | None
    updated_on: str | None
    audience: Audience
    confined: bool = Field(description="担当課の職員だけが見られる項目かどうか")
    in_force: str | None = Field(description="文書の附則にある、施行、改正、失効、廃止の日")


class QuotationBody(BaseModel):
    """What a document says of the same, letter by letter."""

    model_config = ConfigDict(from_attributes=True)

    text: str
    citation: CitationBody


class SuggestionBody(BaseModel):
    """A question that may be the one meant."""

    model_config = ConfigDict(from_attributes=True)

    entry_id: str
    question: str


class ForeignBody(BaseModel):
    """What is said in a language that is neither Japanese nor English."""

    model_config = ConfigDict(from_attributes=True)

    lang: str
    text: str


class ContactBody(BaseModel):
    """A counter and when it is open."""

    model_config = ConfigDict(from_attributes=True)

    department: str
    phone: str
    location: str
    hours: str
    open_now: bool
    next_open: datetime | None
    next_open_text: str | None


class AnswerBody(BaseModel):
    """An answer. `band` says how sure it is: answer, clarify (choose one of `suggestions`) or handoff (see `contact`)."""

    band: Band
    act: Act
    answer: str
    confidence: float
    speech: str | None
    easy: str | None
    english: str | None
    foreign: list[ForeignBody] = Field(description="日本語以外で尋ねた人への、その言語の案内")
    citations: list[CitationBody]
    beside: list[QuotationBody] = Field(description="職員への承認された回答とあわせて確かめる、市の文書の引用")
    suggestions: list[SuggestionBody]
    contact: ContactBody | None
    session: str | None = None
    transcript: str | None = Field(None, description="音声で尋ねたとき、聞き取った質問")

    @classmethod
    def of(cls, answer: Answer, *, session: str | None = None, transcript: str | None = None) -> AnswerBody:
        return cls(
            band=answer.band,
            act=answer.act,
            answer=answer.text,
            confidence=round(answer.confidence, 4),
            speech=answer.speech,
            easy=answer.easy,
            english=answer.english,
            foreign=[ForeignBody.model_validate(f) for f in answer.foreign],
            citations=[CitationBody.model_validate(c) for c in answer.citations],
            beside=[QuotationBody.model_validate(q) for q in answer.beside],
            suggestions=[SuggestionBody.model_validate(s) for s in answer.suggestions],
            contact=ContactBody.model_validate(answer.contact) if answer.contact else None,
            session=session,
            transcript=transcript,
        )


class ErrorDetail(BaseModel):
    """What went wrong, for programs (`code`) and people (`message`)."""

    code: str
    message: str


class ErrorBody(BaseModel):
    """The one shape of every JSON error."""

    error: ErrorDetail


class CategoryBody(BaseModel):
    """A life area and its first questions."""

    name: str
    questions: list[SuggestionBody]
