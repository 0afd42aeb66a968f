"""Does this wallet keep the money of these goals? A wallet that does not would call every escrow empty."""

from __future__ import annotations

from attrs import frozen

from ...ports.clock import Clock
from ...ports.goals import Goals
from ...ports.wallet import Wallet
from .. import names
from ..model import Contribution, Goal
from ..settings import Settings

PAYMENTS = 5
"""So many of a goal's payments are looked up."""


@frozen(kw_only=True)
class MoneyElsewhere:
    goals: Goals
    wallet: Wallet
    clock: Clock
    settings: Settings

    def __call__(self) -> Goal | None:
        """A private goal that is due, and whose payments this wallet does not know. None if it knows those of any.

        Goals of other classes prove nothing: they count payments that no escrow holds.
        """
        now, limit = self.clock.now(), self.settings.sweep_limit
        due = [*self.goals.overdue(now, limit).items, *self.goals.unsettled(now, limit).items]
        paid = [goal for goal in due if goal.progress and goal._cls == names.TRIGGER_PRIVATE_GOAL]
        return None if any(map(self.known, paid)) else next(iter(paid), None)

    def known(self, goal: Goal) -> bool:
        """Whether the wallet knows one of the goal's payments, or there is none."""
        payments = self.goals.contributions(goal.id, PAYMENTS).items
        return not payments or any(self._held(goal, payment) for payment in payments)

    def _held(self, goal: Goal, payment: Contribution) -> bool:
        """Version 0.1 counted payments without their transaction id, which the goal and the viewer make (D15)."""
        ids = dict.fromkeys((payment.insert_id, names.transaction_id(goal.id, payment.viewer_id)))
        return any(self.wallet.find(transaction_id) is not None for transaction_id in ids)
