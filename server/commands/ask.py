"""`madoguchi ask TEXT | --audio FILE`"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from core.audience import Audience
from core.errors import InvalidInput
from core.settings import load_settings
from dialogue.answer import Answer
from dialogue.utterance import Utterance
from server.parts import Parts
from server.schemas import AnswerBody


def ask(
    text: Annotated[str | None, typer.Argument(metavar="質問", help="質問")] = None,
    audio: Annotated[Path | None, typer.Option(help="質問を録音した音声ファイル")] = None,
    kb: Annotated[str | None, typer.Option(help="知識ベースの名前")] = None,
    audience: Annotated[Audience, typer.Option(help="誰として尋ねるか")] = Audience.RESIDENT,
    department: Annotated[str, typer.Option(help="職員のうち、どの課として尋ねるか")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="JSONで出力します")] = False,
) -> None:
    """質問に答えます。文字でも、音声ファイルでも尋ねられます。"""
    settings = load_settings()
    kb = kb or settings.kb
    if (text is None) == (audio is None):
        raise InvalidInput("質問を1つ、文字か --audio のどちらかで指定してください。")
    parts = Parts(settings)
    parts.repository.require(kb)
    utterance = Utterance(text=text or "", audience=audience, department=department or None, kb=kb)
    if audio is not None:
        utterance = _heard(audio, parts, utterance)
    answer, asked = parts.answerer.answer(utterance), utterance.text
    if as_json:
        body = AnswerBody.of(answer, transcript=asked if audio else None)
        typer.echo(json.dumps(body.model_dump(mode="json", exclude={"session"}), ensure_ascii=False, indent=1))
    else:
        typer.echo(_plain(answer, asked if audio else None))


def _heard(audio: Path, parts: Parts, asked: Utterance) -> Utterance:
    """With the words of a recorded question."""
    from asr.pipeline import Options, transcribe
    from asr.rehearing import first_heard

    language = parts.knowledge.language(asked.kb, asked.audience, asked.department)
    options = Options(vocabulary=parts.recogniser.vocabulary(), language=language)
    parts.passing.sweep()
    with parts.passing.folder() as work:
        transcript = transcribe(audio, whisper=parts.whisper, options=options, work=work, progress=lambda *_: None)
    if not transcript.text.strip():
        raise InvalidInput("音声から言葉を聞き取れませんでした。もう一度、はっきりと録音してください。")
    return replace(asked, text=transcript.text, first_heard=first_heard(transcript), spoken=True)


def _plain(answer: Answer, transcript: str | None) -> str:
    lines = [f"(聞き取った質問: {transcript})"] if transcript else []
    lines += [answer.english] if answer.english else []
    lines += [foreign.text for foreign in answer.foreign]
    lines.append(answer.text)
    lines += [f"  {i}. {s.question}" for i, s in enumerate(answer.suggestions, 1)]
    lines += [f"出典: {c.source_title or c.question}(担当: {c.department or '—'})" for c in answer.citations]
    lines += [f"あわせて確かめる市の文書: {q.citation.source_title or q.citation.question}\n{q.text}" for q in answer.beside]
    if answer.contact:
        c = answer.contact
        lines.append(f"窓口: {c.department} {c.location} 電話{c.phone} {c.hours}")
    return "\n".join(lines)
