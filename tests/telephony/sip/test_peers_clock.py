"""What a peer tells late is put where it was, and never before."""

from __future__ import annotations

import pytest

from telephony.sip.peers_clock import PeersClock

THEIRS_S = 1_000_000.5  #: what their clock says when the call begins by ours


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([(0.0, 0.2), (60.0, 60.2), (90.0, 93.0)], [0.2, 60.2, 90.2]),  # the last is told late
        ([(-20.0, 0.0), (60.0, 63.0), (90.0, 90.5)], [0.0, 63.0, 90.5]),  # it rang before, so the first message says little
        ([(0.0, 0.2), (0.0, 60.0), (None, 90.0)], [0.2, 60.0, 90.0]),  # what was told before is no news
        ([(0.5, 0.7), (60.5, 64.7), (90.5, 91.0)], [0.7, 61.7, 91.0]),  # whole seconds: the change may be as late as that
        ([(0.0, 0.2), (60.0, 100.0), (3600.0 * 9, 110.0)], [0.2, 100.0, 110.0]),  # too late to be true, and from the future
    ],
)
def test_a_moment_is_known_by_the_message_that_came_the_soonest(
    told: list[tuple[float | None, float]], expected: list[float]
) -> None:
    clock = PeersClock()
    moments = [clock.moment(None if at_s is None else THEIRS_S + at_s, now_s) for at_s, now_s in told]
    assert moments == pytest.approx(expected)
