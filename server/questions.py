"""What the question routes of residents and staff share: answering, recognising, categories."""

from __future__ import annotations

import json
import uuid
from typing import BinaryIO

from asr.pipeline import Options, transcribe
from asr.rehearing import first_heard
from core.audience import Audience
from core.errors import InvalidInput
from core.hurry import hurried
from dialogue.utterance import Utterance
from server.schemas import AnswerBody, CategoryBody, SuggestionBody
from server.service import Service

MAX_QUESTION_BYTES = 10_000_000
QUESTIONS_PER_CATEGORY = 8
TOO_LONG = "録音が長すぎます。質問を短く区切って、もう一度お話しください。"
LATE_S = 5.0  #: the page stops its recording a little late


def answer_text(
    service: Service,
    text: str,
    session: str | None,
    audience: Audience,
    department: str | None = None,
    *,
    entry_id: str | None = None,
    spoken: bool = False,
    first_heard: str | None = None,
) -> AnswerBody:
    """The answer with its session, a new one if the client had none. Sessions of staff, departments and residents never mix."""
    session = session or uuid.uuid4().hex
    key = json.dumps([audience, department, session])  # a client chooses its session's name, and no name makes it another's
    kb = service.settings.kb
    utterance = Utterance(
        text=text,
        audience=audience,
        department=department,
        kb=kb,
        session=key,
        entry_id=entry_id,
        spoken=spoken,
        first_heard=first_heard,
    )
    return AnswerBody.of(service.answerer.answer(utterance), session=session)


def answer_audio(
    service: Service, upload: BinaryIO, session: str | None, audience: Audience, department: str | None = None
) -> AnswerBody:
    """The answer to a recorded question, with the words that were heard. Raises InvalidInput, UnreadableMedia."""
    text, first = heard(service, upload, audience, department)
    if not text:
        raise InvalidInput("言葉を聞き取れませんでした。マイクに近づいて、もう一度お話しください。")
    answer = answer_text(service, text, session, audience, department, spoken=True, first_heard=first)
    return answer.model_copy(update={"transcript": text})


@hurried()
def heard(service: Service, upload: BinaryIO, audience: Audience, department: str | None = None) -> tuple[str, str]:
    """The words of a recorded question, and what was heard first; both are empty where nothing was said.

    Raises:
        InvalidInput: too long.
        UnreadableMedia: no recording, or a damaged one.
        Busy: too many speak at once.
    """
    language = service.knowledge.language(service.settings.kb, audience, department)
    data = upload.read(MAX_QUESTION_BYTES + 1)
    if len(data) > MAX_QUESTION_BYTES:
        raise InvalidInput(TOO_LONG)
    with service.passing.folder() as folder:
        path = folder / "question"
        path.write_bytes(data)
        with service.recognising.turn():
            transcript = transcribe(
                path,
                whisper=service.whisper,
                options=Options(
                    vocabulary=service.recogniser.vocabulary(),
                    language=language,
                    longest_s=service.settings.max_voice_question_s + LATE_S,
                ),
                work=folder,
                progress=lambda _done, _all: None,
            )
    text, first = (words.strip()[: service.settings.max_question_chars] for words in (transcript.text, first_heard(transcript)))
    return text, first


@hurried()
def categories_of(service: Service, audience: Audience, department: str | None = None) -> list[CategoryBody]:
    """The life areas in the order of the knowledge base, with their first questions."""
    found: dict[str, list[SuggestionBody]] = {}
    for entry in service.knowledge.shown(service.settings.kb, audience, department):
        questions = found.setdefault(entry.category or "その他", [])
        if len(questions) < QUESTIONS_PER_CATEGORY:
            questions.append(SuggestionBody(entry_id=entry.id, question=entry.question))
    return [CategoryBody(name=name, questions=questions) for name, questions in found.items()]
