"""Entries to choose from in, their questions out, so that versions of a document and parts of an article do not read alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from dialogue.answer import Suggestion
from retrieval.entry import Entry
from retrieval.faq import DOCUMENT_PREFIX

WHICH = "次の中に、お知りになりたいことはありますか。近いものを選んでください。"
WHICH_BELOW = "はっきりお答えできません。このあとの質問に、お知りになりたいことがあれば選んでください。"  #: of a part of several


def choices_of(entries: Sequence[Entry]) -> tuple[Suggestion, ...]:
    """The questions; those that are the same say their document, and those of one document that they go on."""
    times = Counter(e.question for e in entries)
    documents: dict[str, list[str]] = {}
    offered = []
    for entry in entries:
        document, _, _ = entry.id.rpartition(":")
        before = documents.setdefault(entry.question, [])
        label = entry.question
        if times[label] > 1 and document.startswith(DOCUMENT_PREFIX):
            part = "の続き" * before.count(document)
            label += f"（{document.removeprefix(DOCUMENT_PREFIX).replace('／', '/')}{part}）"
        before.append(document)
        offered.append(Suggestion(entry_id=entry.id, question=label))
    return tuple(offered)
