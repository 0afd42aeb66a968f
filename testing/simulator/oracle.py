"""What a show must cost, worked out without the library: tick by tick, and in fractions."""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import ceil

from ...core.interval import Interval
from ...core.rules.settlement import ForTimeShown

TICK = timedelta(milliseconds=200)
"""All times of a run are whole numbers of it."""
_BEGINNING = datetime.min.replace(tzinfo=UTC)


def tick(at: datetime) -> int:
    return (at - _BEGINNING) // TICK


def watched(on_sd: Sequence[Interval], begins: datetime, duration: int, grace: timedelta, now: datetime) -> Set[int]:
    """The ticks that a viewer could see whose time begins then: on sd, until the show is over for them."""
    spans = [(tick(one.since), tick(one.until or now)) for one in on_sd]
    first, last = tick(begins), tick(min(begins + timedelta(seconds=duration), now))
    seen, left = set[int](), None
    for at in range(min((since for since, _ in spans), default=last), last):
        there = [(since, until) for since, until in spans if since <= at <= until]
        if not there:
            continue
        is_back = all(since == at for since, _ in there)
        if is_back and left is not None and at - left > grace // TICK:
            break
        left = at
        if at >= first and any(at < until for _, until in there):
            seen.add(at)
    return seen


def cost(amount: int, duration: int, ticks: int, minimum: int) -> int:
    """What so many ticks of ``duration`` seconds cost."""
    if not ticks:
        return 0
    share = Fraction(ticks) * Fraction(TICK // timedelta(milliseconds=1), 1000) / duration
    return min(amount, max(minimum, ceil(amount * share)))


def left_for_good(on_sd: Sequence[Interval], grace: timedelta) -> datetime | None:
    """When the session left sd, and did not come back within ``grace``. None while it is on."""
    left: datetime | None = None
    for one in on_sd:
        if left is not None and one.since - left > grace:
            break
        left = one.until
        if left is None:
            return None
    return left


def over(on_sd: Sequence[Interval], rule: ForTimeShown) -> datetime | None:
    """When the show is over for everybody, as its session left sd. None while it is on."""
    left = left_for_good(on_sd, rule.grace)
    return None if left is None else left + rule.grace
