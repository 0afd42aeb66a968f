"""What a goal records of its session's time on sd, compared with the presets that were switched."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

from ...core.interval import Interval
from ...core.model import Goal
from .records import GoalRecord, SessionRecord, TimeOnSd


def misrecorded(goal: Goal, record: GoalRecord, session: SessionRecord, started: int) -> Iterator[str]:
    """What is wrong. Every worker should know by now what happened before the port call ``started``.

    Ask only if the clock was not set back since the agreement.
    """
    agreed = goal.agreed
    if agreed is None:
        return
    for one, after in pairwise(goal.on_sd):
        if one.until is None or one.until > after.since:
            yield f"goal {goal.id} counts {one} and {after}"
    real = {max(one.since, agreed): one for one in session.on_sd}
    for interval in goal.on_sd:
        known = real.get(interval.since)
        if known is None or _is_too_long(interval, known, session, agreed, started, record.ended_at):
            yield f"goal {goal.id} counts {interval}, session {session.id} had {known}"
    if goal.why is not None and goal.why.show_began not in real:
        yield f"the show of goal {goal.id} began at {goal.why.show_began}, not {[*real]}"
    if session.died is None:
        yield from _missing(goal, record, session, agreed, started)


def _is_too_long(
    interval: Interval, known: TimeOnSd, session: SessionRecord, agreed: datetime, started: int, ended_at: int
) -> bool:
    if known.ended_by(agreed) and known.left_at > ended_at:
        return False  # a request to leave that stalled says when it began: nobody can tell when they left
    ends = _ends(known, session, agreed, started)
    return ends is not None and (interval.until is None or interval.until > max(ends, interval.since))


def _ends(known: TimeOnSd, session: SessionRecord, agreed: datetime, started: int) -> datetime | None:
    """When it was over, as every worker should know."""
    if known.until is not None:
        return known.until if known.left_at < started else None
    over = session.died is not None and session.died_at < started and not session.active
    return max(session.seen, agreed) if over and session.seen is not None else None  # who agrees is alive


def _missing(goal: Goal, record: GoalRecord, session: SessionRecord, agreed: datetime, started: int) -> Iterator[str]:
    """While an agreement waits in the queue, the session remembers its last time on sd only."""
    counted, unclear = {one.since: one.until for one in goal.on_sd}, session.unclear(agreed, record.ended_at)
    for known in session.on_sd:
        if known.since in unclear or not record.ended_at < known.call < started:
            continue
        left = known.until is not None and known.left_at < started
        if known.since not in counted or (left and counted[known.since] != known.until):
            yield f"goal {goal.id} counts {goal.on_sd}, session {session.id} had {known}"
