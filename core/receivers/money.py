"""From a transaction to progress: the wallet, the balances, the goal (L1)."""

from __future__ import annotations

from .. import names
from ..events import BalanceDecremented, BalanceIncremented, Event, TransactionCreated
from ..messages import IncrementGoalProgress
from ..signals import Outcome
from .receiver import ReceiverPorts


def trigger_user_balance_updated(event: TransactionCreated, ports: ReceiverPorts) -> Outcome:
    """Send ``balance.decremented`` for the payer and, if there is a to_account, ``balance.incremented``."""
    moved: list[Event] = [
        BalanceDecremented(
            user_id=event.from_account,
            amount=event.from_amount,
            transaction_id=event.transaction_id,
            tags=event.tags,
        )
    ]
    if event.to_account is not None:
        moved.append(
            BalanceIncremented(
                user_id=event.to_account,
                amount=event.from_amount if event.to_amount is None else event.to_amount,
                transaction_id=event.transaction_id,
                tags=event.tags,
            )
        )
    ports.signals.send_all(moved)
    return Outcome.RAN


def progress_trigger_goals(event: BalanceDecremented, ports: ReceiverPorts) -> Outcome:
    """Trigger ``increment_goal_progress`` for the goal in the tag LIVESTREAM_SESSION_TRIGGER_PRIVATE."""
    named = [goal_id for tag in event.tags if (goal_id := names.goal_of(tag, ports.settings.tag_prefix))]
    if not named:
        return Outcome.SKIPPED
    message = IncrementGoalProgress(
        goal_id=named[0],
        amount=1,
        cost=event.amount,
        breakdown_id=event.user_id,
        insert_id=event.transaction_id,
    )
    ports.task_queue.trigger(message)
    return Outcome.RAN
