"""Moving money out of an escrow: passes first, then each hold by itself, then the reports (D39, D43, D44)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

from attrs import define, field, frozen

from ...ports.clock import Clock
from ...ports.notifier import Notifier
from ...ports.passes import Passes
from ...ports.wallet import Wallet
from .. import names
from ..crowd import admit, shorten, take_back, tell_settled, unauthorize
from ..decision import Settlement
from ..errors import RuleFailed
from ..events import BalanceIncremented
from ..model import Goal
from ..money import Hold, HoldState
from ..rules.settlement import Verdict
from ..showing import Showing
from ..signals import Signals


@define
class Moved:
    """What has become of some holds."""

    settled: list[Hold] = field(factory=list)
    """As they are now. They may have been settled before."""
    failures: dict[str, Exception] = field(factory=dict)
    """By transaction id: what could not be moved, or reported."""
    rest: list[Hold] = field(factory=list)
    """Those for which there was no time."""


@frozen(kw_only=True)
class Moving:
    wallet: Wallet
    passes: Passes
    showing: Showing
    notifier: Notifier
    signals: Signals
    clock: Clock

    def move(self, goal: Goal, holds: Sequence[Hold], until: datetime) -> Moved:
        """Release or refund each hold, as was decided. One that cannot be moved stops no other.

        Tries one hold at least, and goes on until the time is over.
        """
        moved = Moved()
        held = [hold for hold in holds if hold.state is HoldState.HELD]
        moved.settled += [hold for hold in holds if hold.state is not HoldState.HELD]
        not_ready = self._change_passes(goal, held)
        verdicts, failed = self._verdicts(goal, held)
        not_ready = {**not_ready, **failed, **self._shorten_passes(goal, held, verdicts)}
        for number, hold in enumerate(held):
            if number and self.clock.now() >= until:
                moved.rest = held[number:]
                break
            if hold.from_user_id in not_ready:
                moved.failures[hold.transaction_id] = not_ready[hold.from_user_id]
                continue
            try:
                moved.settled.append(self._settle(goal, hold, verdicts.get(hold.transaction_id)))
            except Exception as error:
                moved.failures[hold.transaction_id] = error
        return moved

    def report(self, goal: Goal | None, moved: Moved, until: datetime) -> Sequence[Hold]:
        """Report what is settled. Returns those for which there was no time.

        Reports one at least. A report that fails is one of the ``failures``. Viewers with the same amount hear of it
        at once (D34).
        """
        if goal is not None:
            _attempt(moved, moved.settled, partial(self.unauthorize, goal, moved.settled))
        shares: dict[object, list[Hold]] = defaultdict(list)
        for hold in moved.settled:
            shares[_share(hold)].append(hold)
        holds = [hold for share in shares.values() for hold in share]
        for number, hold in enumerate(holds):
            if number and self.clock.now() >= until:
                return holds[number:]
            if share := shares.pop(_share(hold), None):
                _attempt(moved, share, partial(tell_settled, self.notifier, share))
            _attempt(moved, [hold], partial(self.tell, hold))
        return []

    def take_back(self, goal: Goal, holds: Sequence[Hold]) -> Mapping[str, Exception]:
        """Before a refund. Returns who may still watch, and why. Raises StoreUnavailable."""
        if goal._cls != names.TRIGGER_PRIVATE_GOAL:
            return {}
        return take_back(self.passes, goal, holds, self.clock.now())

    def unauthorize(self, goal: Goal, holds: Sequence[Hold]) -> None:
        """Tell whoever got their money back that they may not watch any more (D39)."""
        if goal._cls == names.TRIGGER_PRIVATE_GOAL:
            unauthorize(self.passes, self.notifier, goal, holds, self.clock.now())

    def tell(self, hold: Hold) -> None:
        """Send ``balance.incremented`` for who got the money, unless the wallet calls back and reports it itself."""
        if self.wallet.calls_back:
            return
        for user_id, amount in _receivers(hold):
            self.signals.send(
                BalanceIncremented(user_id=user_id, amount=amount, transaction_id=hold.transaction_id, tags=hold.tags)
            )

    def _verdicts(self, goal: Goal, holds: Sequence[Hold]) -> tuple[Mapping[str, Verdict], Mapping[str, Exception]]:
        """What the rule says by transaction id. And by viewer: of whom it fails, so that their money waits (D43)."""
        if not holds or not _released(goal):
            return {}, {}
        try:
            return self.showing.settled(goal, holds), {}
        except RuleFailed as error:
            if len(holds) == 1:
                return {}, {holds[0].from_user_id: error}
        each = [self._verdicts(goal, [hold]) for hold in holds]
        verdicts = {transaction_id: one for found, _ in each for transaction_id, one in found.items()}
        return verdicts, {viewer_id: error for _, failed in each for viewer_id, error in failed.items()}

    def _settle(self, goal: Goal, hold: Hold, verdict: Verdict | None) -> Hold:
        """Without a verdict, all of it goes where the goal's decision says."""
        transaction_id = hold.transaction_id
        if not _released(goal):
            return self.wallet.refund(transaction_id)
        if verdict is None:
            return self.wallet.release(transaction_id)
        if verdict.rule.earns:
            return self.wallet.release(transaction_id, verdict.released)
        self.take_back(goal, [hold])  # of one alone, a pass that cannot be taken back raises
        return self.wallet.refund(transaction_id)

    def _admit(self, goal: Goal, holds: Sequence[Hold]) -> Mapping[str, Exception]:
        return admit(self.passes, goal, holds, self.clock.now()) if goal._cls == names.TRIGGER_PRIVATE_GOAL else {}

    def _change_passes(self, goal: Goal, holds: Sequence[Hold]) -> Mapping[str, Exception]:
        """Nobody pays for a show that they may not see, and nobody sees one for nothing: passes go before money.

        Returns whose money waits, and why (D39).
        """
        try:
            return self._admit(goal, holds) if _released(goal) else self.take_back(goal, holds)
        except Exception as error:
            return {hold.from_user_id: error for hold in holds}

    def _shorten_passes(
        self, goal: Goal, holds: Sequence[Hold], verdicts: Mapping[str, Verdict]
    ) -> Mapping[str, Exception]:
        """Who pays for a part of the show may not watch the next one for the rest. Returns whose money waits."""
        ends = {hold.from_user_id: _show_ends(goal, hold, verdicts.get(hold.transaction_id)) for hold in holds}
        early = {viewer_id: at for viewer_id, at in ends.items() if at is not None}
        try:
            return shorten(self.passes, goal, early, self.clock.now()) if early else {}
        except Exception as error:
            return dict.fromkeys(early, error)


def _show_ends(goal: Goal, hold: Hold, verdict: Verdict | None) -> datetime | None:
    """When the show was over for a viewer who pays for a part of it: once it is decided, nobody comes back."""
    if verdict is None or verdict.ends is None or not verdict.rule.earns or verdict.released == hold.amount:
        return None
    left = goal.on_sd[-1].until if goal.on_sd else None
    return verdict.ends if left is None else min(verdict.ends, left)


def _share(hold: Hold) -> object:
    return hold.goal_id, hold.escrow_id, hold.state, hold.amount, hold.part


def _receivers(hold: Hold) -> Sequence[tuple[str, int]]:
    """Who got how much of a settled hold. Of a part and its rest, what is 0 has gone to nobody."""
    released, refunded = (hold.to_user_id, hold.released), (hold.from_user_id, hold.refunded)
    if hold.part is None:
        return [released if hold.state is HoldState.RELEASED else refunded]
    return [one for one in (released, refunded) if one[1]]


def _attempt(moved: Moved, holds: Sequence[Hold], report: Callable[[], None]) -> None:
    try:
        report()
    except Exception as error:
        moved.failures |= {hold.transaction_id: error for hold in holds}


def _released(goal: Goal) -> bool:
    """Money that was held after the settlement is refunded."""
    return goal.settlement is Settlement.RELEASED and not goal.settled
