"""When a show was on sd: what the goal has recorded, and what its session says now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from .. import names
from ..interval import Interval, closed, with_interval
from ..model import Goal, Session

SILENCE = timedelta(seconds=60)
"""A session whose host reports signs of life, and has reported none for so long, is over."""

LATE = timedelta(seconds=30)
"""A look that is late by no more counts as made in time: no show ends because a worker was busy."""

MOST = 500
"""So many intervals are recorded: the goal must not grow without bound. Who leaves sd more often has ended the show."""


def session_over(goal: Goal, session: Session | None, now: datetime, settle_delay: timedelta) -> datetime | None:
    """When the goal's session ended: at its last sign of life. None while it goes on.

    If the host reports none, that is when a worker last saw that the show went on. If none has looked yet, it is now,
    or when one should have looked: viewers do not pay for the time that workers were away.
    """
    seen = goal.seen or min(now, _next_look(goal, now, settle_delay))
    if session is None:
        return seen
    alive = min(_last_sign(goal, session, session.last_seen or seen), now)
    if not session.active:
        return alive
    return alive if session.last_seen is not None and now - alive > SILENCE else None


def _last_sign(goal: Goal, session: Session, reported: datetime) -> datetime:
    """Who agrees or switches is alive, too, although the host has not said so yet."""
    switched = (at for at in (session.sd_since, session.sd_until) if at is not None)
    return max(reported, goal.agreed or reported, *switched)


def _next_look(goal: Goal, now: datetime, settle_delay: timedelta) -> datetime:
    """When a worker looks at the show next, or should have looked."""
    ended = goal.ended or now
    return max(ended, goal.postponed or ended) + settle_delay


def on_sd(goal: Goal, session: Session | None, now: datetime, settle_delay: timedelta) -> Sequence[Interval]:
    """When the session was on sd since the agreement. Once it has left sd, or is over, the last interval has an end.

    ``session`` was read after the goal. A host may switch it and give no time. Then it was back when that was first
    seen, and had left when that was first seen, or should have been.
    """
    known, look = goal.on_sd, _next_look(goal, now, settle_delay)
    if goal.agreed is None:
        return known
    said = None if session is None else _said(session, goal.agreed, known)
    if said is not None and (len(known) < MOST or said.since == known[-1].since):
        known = with_interval(known, said)
    over = session_over(goal, session, now, settle_delay)
    if session is not None and session.preset == names.PRESET_SD:
        return closed(known, over) if over is not None else _back(session, said, known, now, look)
    left = None if session is None else _left(session, known, min(now, look))
    return closed(known, min(end for end in (over, left) if end is not None))


def _said(session: Session, agreed: datetime, known: Sequence[Interval]) -> Interval | None:
    """The last time on sd that the session remembers, as far as it is behind the agreement."""
    since, until = session.sd_since, session.sd_until
    if since is not None and until is not None:
        until = max(since, until)  # a request to leave that stalled, or a clock that went back, gives an earlier time
    if until is not None and until <= agreed:
        since = None
    if since is not None:
        return Interval(since=max(since, agreed), until=until)
    if session.preset != names.PRESET_SD or known or (until is not None and until > agreed):
        return None
    return Interval(since=agreed)  # a host has switched it and gave no time (D40)


def _back(
    session: Session, said: Interval | None, known: Sequence[Interval], now: datetime, look: datetime
) -> Sequence[Interval]:
    """The session is on sd. If what is known is over, a host has switched it back and given no time."""
    last = known[-1] if known else None
    if last is not None and (last.until is None or len(known) == MOST):
        return known
    ends = (session.sd_until, None if last is None else last.until)
    left = max(end for end in ends if end is not None)
    since = max(left, look if left <= look < now <= look + LATE else now)
    if last is None or said is None or said.until is not None:
        return [*known, Interval(since=since)]
    if _ended_by_the_next(said, known):
        return known
    at_once = last.until in (since, session.sd_since)  # it left and was back in one moment
    return [*known[:-1], Interval(since=last.since)] if at_once else [*known, Interval(since=since)]


def _ended_by_the_next(said: Interval, known: Sequence[Interval]) -> bool:
    """By a clock that went back, the session was on sd before. Nobody knows how long it was on sd since."""
    return any(one.since == said.since and one.until == after.since for one, after in pairwise(known))


def _left(session: Session, known: Sequence[Interval], seen: datetime) -> datetime:
    """When a session that is not on sd left it. If a host switched it and gave no time: when that was ``seen``."""
    until = session.sd_until
    if until is None or not known:
        return seen
    return until if until >= known[-1].since or session.sd_since == known[-1].since else seen  # a clock may go back
