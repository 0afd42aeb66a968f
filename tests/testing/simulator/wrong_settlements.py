"""Rules, tasks and wallets with one mistake each in what a viewer pays for the time shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from attrs import evolve, frozen

from show_goal.adapters.memory import MemoryWallet
from show_goal.core.decision import Rule
from show_goal.core.interval import Interval
from show_goal.core.model import Goal
from show_goal.core.money import Hold, HoldState
from show_goal.core.rules.settlement import Deposit, Facts, ForTimeShown, Verdict
from show_goal.core.tasks.deciding import Decided, Deciding
from show_goal.core.tasks.moving import Moving

DAY = timedelta(days=1)


class ReleasesThePartTwice(MemoryWallet):
    """Pays the part, and then again."""

    def release(self, transaction_id: str, amount: int | None = None) -> Hold:
        before = self.find(transaction_id)
        hold = super().release(transaction_id, amount)
        if before is not None and before.state is HoldState.HELD and hold.part is not None:
            self._move(hold.to_user_id, available=hold.part)
        return hold


class ReleasesThePartAndTheWhole(MemoryWallet):
    """Pays the whole beside the part."""

    def release(self, transaction_id: str, amount: int | None = None) -> Hold:
        before = self.find(transaction_id)
        hold = super().release(transaction_id, amount)
        if before is not None and before.state is HoldState.HELD and hold.part is not None:
            self._move(hold.to_user_id, available=hold.amount)
        return hold


class KeepsTheRest(MemoryWallet):
    """Pays the part, and gives nothing back."""

    def release(self, transaction_id: str, amount: int | None = None) -> Hold:
        before = self.find(transaction_id)
        hold = super().release(transaction_id, amount)
        if before is not None and before.state is HoldState.HELD and hold.part is not None:
            self._move(hold.from_user_id, available=-hold.refunded)
        return hold


@frozen(kw_only=True)
class RoundsEachInterval(ForTimeShown):
    """Rounds up what each time on sd costs, and adds that up."""

    def __call__(self, facts: Facts, deposit: Deposit) -> Verdict:
        right = super().__call__(facts, deposit)
        runs_out = min(deposit.begins + timedelta(seconds=deposit.duration), facts.now)
        spans = [one.within(deposit.begins, runs_out) for one in self._show(facts.on_sd)]
        prices = [self._price(deposit, span) for span in spans]
        return evolve(right, released=min(deposit.amount, sum(prices)) if right.rule.earns else 0)


@frozen(kw_only=True)
class CountsTheLastTwice(ForTimeShown):
    """A switch that comes twice counts twice."""

    def _show(self, on_sd: Sequence[Interval]) -> Iterator[Interval]:
        show = [*super()._show(on_sd)]
        yield from [*show, *show[-1:]]


@frozen(kw_only=True)
class CountsPauses(ForTimeShown):
    """A show is one interval, from its beginning to its end."""

    def _show(self, on_sd: Sequence[Interval]) -> Iterator[Interval]:
        show = [*super()._show(on_sd)]
        if show:
            yield Interval(since=show[0].since, until=show[-1].until)


@frozen(kw_only=True)
class CountsExtensionsTwice(ForTimeShown):
    """Time that is bought in the show counts from the beginning, too."""

    def __call__(self, facts: Facts, deposit: Deposit) -> Verdict:
        return super().__call__(facts, evolve(deposit, begins=facts.began or deposit.begins))


@frozen(kw_only=True)
class CountsFromTheAgreement(ForTimeShown):
    """A viewer's time begins when the streamer agrees."""

    def __call__(self, facts: Facts, deposit: Deposit) -> Verdict:
        first = deposit.begins == facts.began
        return super().__call__(facts, evolve(deposit, begins=facts.agreed) if first else deposit)


@frozen(kw_only=True)
class PaysForNoShow(ForTimeShown):
    """Takes the minimum, at least one coin, although nothing was shown."""

    def __call__(self, facts: Facts, deposit: Deposit) -> Verdict:
        right = super().__call__(facts, deposit)
        least = min(deposit.amount, max(1, self.minimum))
        return right if right.rule.earns else evolve(right, rule=Rule.FOR_TIME_SHOWN, released=least)


@frozen(kw_only=True)
class SettlesAtOnce(ForTimeShown):
    """Settles ``settle_delay`` after the agreement, as the whole rule does."""

    def __call__(self, facts: Facts, deposit: Deposit) -> Verdict:
        return evolve(super().__call__(facts, deposit), due=facts.due)


class PostponesForEver(Deciding):
    """Looks at a show that goes on in a day. By then it may have another day."""

    def _postponed(self, goal: Goal, due: datetime, facts: Facts) -> Decided:
        now = self.clock.now()
        self.goals.postpone(goal.id, now + DAY, seen=now)
        return Decided(goal=goal, due=now + DAY)


class LooksOnlyWhenDue(Deciding):
    """Looks at a show again when the viewers' time is over, not once a minute: its session may be over before."""

    def _postponed(self, goal: Goal, due: datetime, facts: Facts) -> Decided:
        self.goals.postpone(goal.id, due - self.settings.settle_delay, seen=facts.now)
        return Decided(goal=goal, due=due)


class LeavesTheRestOfThePass(Moving):
    """Gives a viewer a part of the money back, and lets them watch the next show for it."""

    def _shorten_passes(
        self, goal: Goal, holds: Sequence[Hold], verdicts: Mapping[str, Verdict]
    ) -> Mapping[str, Exception]:
        return {}
