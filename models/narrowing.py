"""A CTranslate2 Whisper directory in, the same model with a smaller vocabulary out.

Of Whisper's 52,000 tokens, Japanese is written with some 7,000. The decoder works out a score for every token at every step:
without those of other languages it needs a third less time for the same text, and can't slip into another language.
"""

from __future__ import annotations

import json
import os
import shutil
import struct
import tempfile
from pathlib import Path
from typing import BinaryIO

import numpy as np

from models.tokens import Ids

_ID_LISTS = ("suppress_ids", "suppress_ids_begin", "lang_ids")
_COPIED = ("tokenizer.json", "preprocessor_config.json")


def narrow(source: Path, target: Path, kept: Ids) -> None:
    """Write the model in `source` with the tokens `kept` to `target`, at once or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        vocabulary = json.loads((source / "vocabulary.json").read_text("utf-8"))
        with (source / "model.bin").open("rb") as old, (folder / "model.bin").open("wb") as new:
            _copy_weights(old, new, len(vocabulary), kept)
            new.flush()
            os.fsync(new.fileno())
        config = json.loads((source / "config.json").read_text("utf-8"))
        place = {int(old_id): new_id for new_id, old_id in enumerate(kept)}
        for name in _ID_LISTS:
            config[name] = [place[i] for i in config.get(name, ()) if i in place]
        (folder / "config.json").write_text(json.dumps(config), "utf-8")
        (folder / "vocabulary.json").write_text(json.dumps([vocabulary[i] for i in kept], ensure_ascii=False), "utf-8")
        for name in _COPIED:
            if (source / name).is_file():
                shutil.copyfile(source / name, folder / name)
        if not target.exists():  # another process may have been quicker
            folder.chmod(0o755)
            folder.rename(target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _copy_weights(old: BinaryIO, new: BinaryIO, size: int, kept: Ids) -> None:
    """Copy a model.bin (ctranslate2/specs/model_spec.py), keeping some rows of what has one for each token."""
    new.write(old.read(4))
    _copy_string(old, new)
    new.write(old.read(4))
    (count,) = struct.unpack("<I", counted := old.read(4))
    new.write(counted)
    for _ in range(count):
        _copy_string(old, new)
        (dimensions,) = struct.unpack("<B", old.read(1))
        shape = list(struct.unpack(f"<{dimensions}I", old.read(4 * dimensions)))
        kind, length = struct.unpack("<BI", old.read(5))
        data = old.read(length)
        if shape and shape[0] == size:
            data = np.frombuffer(data, np.uint8).reshape(size, -1)[kept].tobytes()
            shape[0] = len(kept)
        new.write(struct.pack(f"<B{dimensions}I", dimensions, *shape) + struct.pack("<BI", kind, len(data)) + data)
    shutil.copyfileobj(old, new)


def _copy_string(old: BinaryIO, new: BinaryIO) -> None:
    (length,) = struct.unpack("<H", header := old.read(2))
    new.write(header + old.read(length))
