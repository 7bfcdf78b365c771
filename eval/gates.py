"""The gates that recognition of the shipped recordings must pass for a release, and what falls short of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eval.speech import SpeechFigures, overall


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What a set must come to."""

    most_cer: float
    least_terms: float


GATES = {
    "meeting": Gate(most_cer=0.12, least_terms=0.6),
    "call": Gate(most_cer=0.22, least_terms=0.4),
    "question": Gate(most_cer=0.15, least_terms=0.4),
}
LEAST_SPEED_UP = 1.15  #: over the peer, in work on the CPU


def fallen(own: Sequence[SpeechFigures], peers: Sequence[SpeechFigures]) -> list[str]:
    """Each gate that fell, in words."""
    found = []
    for figures in own:
        if figures.invented:
            found.append(f"{figures.set}: {figures.invented} characters where nobody spoke")
        if (gate := GATES.get(figures.set)) is None:
            continue
        if figures.cer is None or figures.cer > gate.most_cer:
            found.append(f"{figures.set}: CER {figures.cer} > {gate.most_cer}")
        if figures.terms is None or figures.terms < gate.least_terms:
            found.append(f"{figures.set}: terms {figures.terms} < {gate.least_terms}")
    if missing := GATES.keys() - {f.set for f in own}:
        found.append(f"not measured: {sorted(missing)}")
    if overall(own) * LEAST_SPEED_UP > overall(peers):
        found.append(f"speed: {overall(own):.1f} s of work, the peer {overall(peers):.1f} s")
    return found
