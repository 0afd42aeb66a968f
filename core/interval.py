"""Spans of time: when a session was on sd."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from attrs import evolve, frozen

from .validation import typed


@frozen(kw_only=True, field_transformer=typed)
class Interval:
    """From ``since`` to ``until``. ``until`` is None while it goes on."""

    since: datetime
    until: datetime | None = None

    def within(self, begin: datetime, end: datetime) -> timedelta:
        """How much of it is between ``begin`` and ``end``. One that goes on is taken to go on until ``end``."""
        until = end if self.until is None else min(self.until, end)
        return max(timedelta(0), until - max(self.since, begin))


def with_interval(intervals: Sequence[Interval], new: Interval) -> Sequence[Interval]:
    """The intervals in order, with one more. It may be known already, or come late.

    Of several ends of an interval the earliest counts. One without an end ends where a later one begins.
    """
    same = [one for one in (*intervals, new) if one.since == new.since]
    until = min((one.until for one in same if one.until is not None), default=None)
    others = (one for one in intervals if one.since != new.since)
    ordered = sorted([*others, evolve(new, until=until)], key=lambda one: one.since)
    return tuple(map(_ended_by, ordered, [*ordered[1:], None]))


def closed(intervals: Sequence[Interval], at: datetime) -> Sequence[Interval]:
    """The intervals, the last of which ends ``at`` this time at the latest."""
    if not intervals or intervals[-1].until is not None:
        return intervals
    last = intervals[-1]
    return (*intervals[:-1], evolve(last, until=max(last.since, at)))


def _ended_by(one: Interval, following: Interval | None) -> Interval:
    if following is None or (one.until is not None and one.until <= following.since):
        return one
    return evolve(one, until=following.since)
