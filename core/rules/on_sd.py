"""When a show was on sd: what the goal has recorded, and what its session says now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from .. import names
from ..interval import Interval, closed, with_interval
from ..model import Goal, Session

SILENCE = timedelta(seconds=60)
"""A session whose host reports signs of life, and has reported none for so long, is over."""


MOST = 500
"""So many intervals are recorded: the goal must not grow without bound. Who leaves sd more often has ended the show."""


def session_over(goal: Goal, session: Session | None, now: datetime) -> datetime | None:
    """When the goal's session ended: at its last sign of life. None while it goes on.

    If the host reports none, that is when it was last seen that the show went on; without that, ``now``.
    """
    last = goal.seen or now
    if session is None:
        return last
    reported = None if session.last_seen is None else min(_last_sign(goal, session, session.last_seen), now)
    if not session.active:
        return reported or last
    return reported if reported is not None and now - reported > SILENCE else None


def _last_sign(goal: Goal, session: Session, reported: datetime) -> datetime:
    """Who agrees or switches is alive, too, although the host has not said so yet."""
    switched = (at for at in (session.sd_since, session.sd_until) if at is not None)
    return max(reported, goal.agreed or reported, *switched)


def on_sd(goal: Goal, session: Session | None, now: datetime) -> Sequence[Interval]:
    """When the session was on sd since the agreement. Once it has left sd, or is over, the last interval has an end."""
    known = goal.on_sd
    if goal.agreed is None:
        return known
    said = None if session is None else _said(session, goal.agreed, known, now)
    if said is not None and (len(known) < MOST or said.since == known[-1].since):
        known = with_interval(known, said)
    ends = [] if session is None or session.preset == names.PRESET_SD else [_left(session, known, now)]
    over = session_over(goal, session, now)
    if over is not None:
        ends.append(over)
    return closed(known, min(ends)) if ends else known


def _said(session: Session, agreed: datetime, known: Sequence[Interval], now: datetime) -> Interval | None:
    """The last time on sd that the session remembers, as far as it is behind the agreement."""
    since, until = session.sd_since, session.sd_until
    if session.preset == names.PRESET_SD and (since is None or until is not None):
        return _switched_by_a_host(until, agreed, known, now)
    if since is None:
        return None
    if until is not None:
        until = max(since, until)  # a request to leave that stalled, or a clock that went back, gives an earlier time
        if until <= agreed:
            return None
    return Interval(since=max(since, agreed), until=until)


def _switched_by_a_host(
    until: datetime | None, agreed: datetime, known: Sequence[Interval], now: datetime
) -> Interval | None:
    """It gave no time: on sd since the agreement (D40), or since it was first seen to be back."""
    if known and known[-1].until is None:
        return None
    never_left = not known and (until is None or until <= agreed)
    return Interval(since=agreed if never_left else now)


def _left(session: Session, known: Sequence[Interval], now: datetime) -> datetime:
    """When a session that is not on sd left it. If a host switched it and gave no time: now."""
    until = session.sd_until
    if until is None or not known:
        return now
    return until if until >= known[-1].since or session.sd_since == known[-1].since else now  # a clock may go back
