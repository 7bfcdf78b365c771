"""Nouns and ports that every package may import: errors, settings, audience, database, blobs, jobs, clock."""
