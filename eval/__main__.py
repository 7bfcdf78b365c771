"""`make bench`: figures of this machine and this release, as JSON."""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from asr.vocabulary import load_vocabulary
from core.database import open_database
from core.logging import set_up_logging
from core.settings import CHECKOUT, load_settings
from eval.recordings import make_recordings, speaker
from eval.search import measure_search
from eval.speech import measure_speech, product
from models.embedder import load_embedder
from models.voice import load_voice
from models.whisper import load_whisper
from retrieval.knowledge import Knowledge


def main() -> None:
    set_up_logging("WARNING")
    settings = load_settings()
    knowledge = Knowledge(open_database(settings), settings.home / "indexes", load_embedder(settings))
    vocabulary = load_vocabulary(CHECKOUT / "samples" / "soo" / "vocabulary.csv")
    recognise = product(load_whisper(settings), vocabulary)
    with tempfile.TemporaryDirectory() as folder:
        recordings = make_recordings(speaker(load_voice(settings)), Path(folder))
        speech = measure_speech("madoguchi", recognise, recordings, [t.term for t in vocabulary.terms])
    figures = {
        "search": asdict(measure_search(knowledge, settings.kb)),
        "speech": [asdict(f) for f in speech],
        "threads": settings.cpu_threads,
    }
    json.dump(figures, sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
