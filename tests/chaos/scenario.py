"""How a fault is ridden out: people invite, something breaks, they go on, it comes back, and all money is counted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from time import monotonic

from ..servers import wait_until
from .crowd import Answer, Crowd
from .measure import Measure

Fault = AbstractContextManager[None]

LASTS = 2.0
"""Seconds that a fault lasts at least, besides the time in which a server comes up again."""
PATIENCE = 20.0
"""Seconds for which a test goes on beyond what it allows, so that it can say how long it took."""


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
    """Requests and their tasks run while something breaks. ``within`` so many seconds of the fault's end everybody is
    accepted who asks again, and ``until`` is true of everybody: they have paid, and their goals are bound. The seconds
    count from when it broke, where nothing ``comes_back``.
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
    """Everybody has paid, and something breaks while the streamers answer and the money goes on. ``within`` so many
    seconds of the fault's end everything is settled.
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
