"""`make bench`: figures of this machine and this release, as JSON."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from core.logging import set_up_logging
from core.settings import load_settings
from eval.search import measure_search
from eval.speech import measure_speech
from server.service import Parts


def main() -> None:
    set_up_logging("WARNING")
    parts = Parts(load_settings())
    figures = {
        "search": asdict(measure_search(parts.knowledge, parts.settings.kb)),
        "speech": asdict(measure_speech(parts.voice, parts.whisper)),
        "threads": parts.settings.cpu_threads,
    }
    json.dump(figures, sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
