"""The course of a fault test: viewers invite, a server breaks and comes back, and all money is counted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from time import monotonic

from ..servers import wait_until
from .crowd import Answer, Crowd
from .measure import Measure

Fault = AbstractContextManager[None]

LASTS = 2.0
"""Seconds that a fault lasts at least, not counting a server's start."""
PATIENCE = 20.0
"""Seconds for which a test waits beyond its bound, so that it can report the real time."""


def ride_out(
    crowd: Crowd,
    name: str,
    fault: Fault,
    measure: Measure,
    *,
    within: float,
    until: Callable[[Crowd, float], None] = Crowd.wait_until_paid,
    lasts: float = LASTS,
    comes_back: bool = True,
) -> None:
    """A server breaks while requests and their tasks run.

    ``within`` seconds of the fault's end, every guest who asks again is accepted, and ``until`` returns: by default,
    every guest has paid and every goal is bound. If nothing ``comes_back``, the seconds count from the fault's start.
    """
    with crowd.inviting():
        crowd.wait_for_answers(len(crowd.guests) // 3)
        broke = monotonic()
        with fault:
            broken = monotonic()
            crowd.wait_for_answers(4, since=broke)
            _wait_for_end(broke + lasts)
        back = monotonic()
        crowd.wait_until_accepted(back, within + PATIENCE)
    until(crowd, within + PATIENCE)
    recovered = monotonic() - (back if comes_back else broken)
    crowd.answer_goals()
    crowd.wait_until_settled(60)
    assert [answer for answer in crowd.answers if not answer.in_order] == []
    measure(name, _asked_between(crowd, broke, back), recovered=recovered, within=within, audit=crowd.audit())


def settle_through(crowd: Crowd, name: str, fault: Fault, measure: Measure, *, within: float) -> None:
    """A server breaks after every guest has paid, while the streamers answer and the escrows are settled.

    ``within`` seconds of the fault's end, everything is settled.
    """
    with crowd.inviting():
        crowd.wait_until_accepted(0, 60)
    crowd.wait_until_paid(60)
    broke = monotonic()
    with fault:
        answers = crowd.answer_goals()
        _wait_for_end(broke + 2 * LASTS)
    back = monotonic()
    crowd.wait_until_settled(within + PATIENCE)
    measure(name, answers, recovered=monotonic() - back, within=within, audit=crowd.audit())


def _wait_for_end(moment: float) -> None:
    wait_until(lambda: monotonic() > moment, 3 * LASTS, "the end of the fault")


def _asked_between(crowd: Crowd, broke: float, back: float) -> list[Answer]:
    return [answer for answer in crowd.answers_since(broke) if answer.asked < back]
