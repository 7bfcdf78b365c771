"""Nouns and ports that every package may import: errors, settings, audience, database, blobs, jobs, clock."""

import os

# onnxruntime would tell its maker of each session, by a server of theirs. It reads this when it is loaded, and whatever may
# load it (the command line, a measurement, a test) imports this package first.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
