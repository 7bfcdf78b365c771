"""Japanese text as it sounds: its morphemes, its phonemes, every way to read it, and the terms that sound like a part of it."""
