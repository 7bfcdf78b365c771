"""Marks of Japanese writing."""

from __future__ import annotations

CLOSING = "、。，．,.!?！？…"
"""They stand behind what they end, and take no time."""
