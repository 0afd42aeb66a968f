"""Settlement rules: when the money of an agreed show is settled, and how much of it the streamer gets (D35, D40).

A rule is a pure function of what is known about the show and one viewer's deposit. Hand yours to the container as
``settlement_rule``. It is asked again and again until its ``due`` has come for every deposit of the goal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from attrs import field, frozen

from ..decision import Rule
from ..interval import Interval
from ..validation import at_least, typed

_SECOND, _NOTHING = timedelta(seconds=1), timedelta(0)


@frozen(kw_only=True)
class Facts:
    """What is known about a show that the streamer agreed to. Times are UTC."""

    agreed: datetime
    due: datetime
    """By then the show must have begun: ``settle_delay`` after the agreement was carried out (D40)."""
    began: datetime | None
    """When the show began. None if it has not, or not in time."""
    on_sd: Sequence[Interval]
    """When the session was on sd since the agreement, in order. Known only if the rule is ``metered``."""
    session_over: datetime | None
    """When the session ended, or showed its last sign of life. None while it goes on, and when the money moves."""
    now: datetime


@frozen(kw_only=True)
class Deposit:
    """One viewer's money. ``amount`` is in the smallest unit, ``duration`` is how many seconds it pays for."""

    viewer_id: str
    amount: int
    duration: int
    begins: datetime
    """When this viewer's time begins: with the show, or after the time that they had bought before (D37)."""


@frozen(kw_only=True, field_transformer=typed)
class Verdict:
    """What a rule says about one deposit."""

    due: datetime
    """When it can be settled. If this is later than now, the rule is asked again, and ``released`` is what it costs so
    far."""
    released: int
    """What the streamer gets, in the smallest unit, at most the deposit. The rest goes back to the viewer."""
    rule: Rule
    """Why (D35). If it ``earns`` nothing, the whole deposit goes back, and the pass with it (D39)."""
    shown: timedelta = field(default=_NOTHING, validator=at_least(_NOTHING))
    """How much of the show the viewer could see so far."""
    ends: datetime | None = None
    """When the show is over for this viewer, as far as one knows now. None if the rule does not look at that."""


class SettlementRule(Protocol):
    """Decides about each deposit of an agreed private goal. It must be pure: it is asked often, and by many at once.

    Once ``due`` has come, its answer must not change any more.
    """

    @property
    def metered(self) -> bool:
        """Whether it looks at the single deposit, or at the time on sd.

        If False, it is asked once for each goal, about a deposit of nothing. If its ``rule`` earns, all is released.
        """
        ...

    def __call__(self, facts: Facts, deposit: Deposit) -> Verdict:
        """What becomes of the deposit."""
        ...


def name_of(rule: SettlementRule) -> str:
    """How logs and operators call a rule: by its class, or by its own name if it is a function."""
    return str(getattr(rule, "__name__", type(rule).__name__))


def nonsense(verdict: object, deposit: Deposit) -> str | None:
    """What is wrong with what a host's rule said of a deposit, which may be nobody's. None if nothing is."""
    if not isinstance(verdict, Verdict):
        return f"it said {verdict!r}, which is no Verdict"
    if deposit.viewer_id and not 0 <= verdict.released <= deposit.amount:
        return f"it releases {verdict.released} of {deposit.amount}"
    return None


def rule_of(began: datetime | None) -> Rule:
    """A private show must have begun in time (D40)."""
    return Rule.NO_SHOW if began is None else Rule.SHOW_BEGAN


@frozen
class WholeOnceBegun:
    """The whole deposit once the show has begun, else nothing (D40). The default."""

    metered = False

    def __call__(self, facts: Facts, deposit: Deposit) -> Verdict:
        released = 0 if facts.began is None else deposit.amount
        return Verdict(due=facts.due, released=released, rule=rule_of(facts.began))


@frozen(kw_only=True, field_transformer=typed)
class ForTimeShown:
    """Each viewer pays for the time that was shown: ceil(amount x seconds shown / seconds bought).

    The show is over for a viewer when their time is over, when the session has left sd for longer than ``grace``, or
    when the session is over. A show that has not begun in time costs nothing (D40).
    """

    metered = True

    minimum: int = field(default=0, validator=at_least(0))
    """What a viewer who has seen anything pays at least, in the smallest unit. Never more than the deposit."""
    grace: timedelta = field(default=timedelta(seconds=60), validator=at_least(_NOTHING))
    """How long the session may leave sd and come back. That time costs nothing."""

    def __call__(self, facts: Facts, deposit: Deposit) -> Verdict:
        if facts.began is None:
            return Verdict(due=facts.due, released=0, rule=Rule.NO_SHOW)
        runs_out = deposit.begins + timedelta(seconds=deposit.duration)
        show = [*self._show(facts.on_sd)]
        left = _left(show) if show else facts.began
        over = self._over(facts, left)
        seen_until = min(runs_out, facts.now)
        shown = sum((one.within(deposit.begins, seen_until) for one in show), start=_NOTHING)
        return Verdict(
            due=max(facts.due, self._due(facts, left, runs_out)),
            released=self._price(deposit, shown),
            rule=Rule.FOR_TIME_SHOWN if shown else Rule.NO_SHOW,
            shown=shown,
            ends=runs_out if over is None else min(runs_out, over),
        )

    def _show(self, on_sd: Sequence[Interval]) -> Iterator[Interval]:
        """The intervals until the session left sd for longer than ``grace``. What comes then is another show."""
        left: datetime | None = None
        for one in on_sd:
            if left is not None and one.since - left > self.grace:
                return
            yield one
            left = one.until

    def _over(self, facts: Facts, left: datetime | None) -> datetime | None:
        """When the show ended for everybody; None if it may go on."""
        if left is not None and (facts.session_over is not None or facts.now - left >= self.grace):
            return left
        return facts.session_over

    def _due(self, facts: Facts, left: datetime | None, runs_out: datetime) -> datetime:
        if facts.session_over is not None:
            return min(facts.session_over, runs_out)
        if left is None or runs_out - left <= self.grace:  # which may be longer than any time there is
            return runs_out
        return left + self.grace

    def _price(self, deposit: Deposit, shown: timedelta) -> int:
        """Rounded up, in whole numbers: no rounding adds up to more than the deposit."""
        if not shown:
            return 0
        bought = timedelta(seconds=deposit.duration)
        if shown >= bought:
            return deposit.amount
        price = -(-deposit.amount * (shown // _MICROSECOND) // (bought // _MICROSECOND))
        return min(deposit.amount, max(price, self.minimum))


def _left(show: Sequence[Interval]) -> datetime | None:
    """When the session last left sd, by the latest of all clocks. None while it is on."""
    ends = [one.until for one in show if one.until is not None]
    return None if show[-1].until is None else max(ends)


_MICROSECOND = timedelta(microseconds=1)

whole_once_begun = WholeOnceBegun()
for_time_shown = ForTimeShown()
