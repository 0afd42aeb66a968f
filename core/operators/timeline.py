"""How it came about: dated lines about a goal and its money, each with its source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from ...ports.journal import Entry
from .. import names
from ..model import Goal
from ..money import Hold, HoldState
from ..rules.passes import NEVER
from .story import Facts, Line, ending, gave_back, time_of

_LATE = (names.GOAL_ENDED, names.OPERATOR_REFUNDED)
"""Events after the goal's end. In memory nobody keeps their time."""


def timeline(facts: Facts) -> Sequence[Line]:
    """The oldest first."""
    return in_order([*_lines(facts)])


def in_order(lines: Sequence[Line]) -> Sequence[Line]:
    """By time. A line without one stays behind the line that it came after."""
    last = next((line.at for line in lines if line.at is not None), NEVER)
    placed: list[tuple[datetime, Line]] = []
    for line in lines:
        last = line.at or last
        placed.append((last, line))
    return [line for _, line in sorted(placed, key=lambda each: each[0])]


def _lines(facts: Facts) -> Iterator[Line]:
    yield from _request(facts)
    yield from _money(facts)
    yield from (_entry(entry) for entry in facts.entries if entry.event not in _LATE)
    if facts.goal is not None:
        yield _end(facts.goal)
    yield from (_entry(entry) for entry in facts.entries if entry.event in _LATE)
    if facts.goal is not None and not facts.goal.active:
        yield from _settlement(facts.goal, facts.settle_delay)
    yield from _settled(facts)
    for viewer_id, found in facts.passes.items():
        says = "has no pass" if found is None else f"may watch from {time_of(found.nbf)} to {time_of(found.exp)}"
        yield Line(at=None, source="passes", says=f"{viewer_id} {says}")
    for one in facts.aside:
        says = f"set aside; attempt {one.attempts + 1} is at this time: {one.item}: {one.why}"
        yield Line(at=one.next_try, source="sweeps", says=says)
    for problem in facts.problems:
        yield Line(at=None, source="sessions", says=f"cannot be read: {problem}")


def _request(facts: Facts) -> Iterator[Line]:
    claim = facts.session.claim if facts.session is not None else None
    if claim is not None and claim.goal_id == facts.goal_id:
        yield Line(at=claim.since, source="sessions", says=_asked(claim.triggered_by, claim.prepaid_duration))
    elif facts.goal is not None and facts.goal.triggered_by is not None:
        duration = facts.goal.metadata.get("prepaid_duration")
        yield Line(at=None, source="goals", says=_asked(facts.goal.triggered_by, duration))


def _asked(viewer_id: str | None, duration: object) -> str:
    return f"{viewer_id} asked for {duration} s"


def _shown(facts: Facts) -> Sequence[Hold]:
    return facts.holds[:5] if facts.kind == "goal" else [hold for hold in [facts.hold] if hold is not None]


def _money(facts: Facts) -> Iterator[Line]:
    shown = _shown(facts)
    for hold in shown:
        says = f"{hold.from_user_id} pays {hold.amount} for {hold.duration} s: {hold.transaction_id}"
        yield Line(at=hold.placed_at, source="wallet", says=says)
    if not shown:
        yield Line(at=None, source="wallet", says="nothing is or was held")


def _entry(entry: Entry) -> Line:
    source = "feed" if entry.event == names.GOAL_ADDED else "statistics"
    says = f"{entry.event} {entry.occurrence}" + (f": {entry.reason}" if entry.reason else "")
    return Line(at=entry.at, source=source, says=says)


def _end(goal: Goal) -> Line:
    says = "it ends at this time, if nobody answers before" if goal.active else ending(goal)
    return Line(at=goal.exp, source="goals", says=says)


def _settlement(goal: Goal, settle_delay: timedelta) -> Iterator[Line]:
    began = goal.show_began or (goal.why.show_began if goal.why else None)
    if began is not None:
        yield Line(at=began, source="goals", says="the show began")
    for one in goal.on_sd:
        until = "" if one.until is None else f" until {time_of(one.until)}"
        yield Line(at=one.since, source="goals", says=f"the session was on sd{until}")
    due = None if goal.exp is None else goal.exp + settle_delay
    if goal.settlement is None:
        yield Line(at=due, source="goals", says="its settlement is due")
    else:
        rule = goal.why.rule.value if goal.why else "not kept"
        at = None if goal.on_sd else due  # when a show is decided its rule says, and nobody keeps it
        yield Line(at=at, source="goals", says=f"it is decided: {goal.settlement.value}, by the rule {rule}")


def _settled(facts: Facts) -> Iterator[Line]:
    for hold in _shown(facts):
        if hold.state is HoldState.RELEASED:
            yield Line(at=hold.settled_at, source="wallet", says=f"{hold.released} released to {hold.to_user_id}")
        if gave_back(hold):
            yield Line(at=hold.settled_at, source="wallet", says=f"{hold.refunded} refunded to {hold.from_user_id}")
    if facts.goal is not None and facts.goal.settled:
        yield Line(at=None, source="goals", says="its escrow is empty")
