"""``show-goal end`` and ``show-goal refund``: what an operator does, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import click

from ..adapters.container import Container
from ..core.model import Goal
from ..core.money import Hold, HoldState
from ..core.operators.acting import EndGoal, RefundHold
from ..core.operators.story import REASON
from ..core.settings import Settings
from .acting import acting, failures_as_json, print_json
from .terminal import brief


def end_goal(goal_id: str, reason: str, container: object, as_json: bool) -> None:
    """Print how the goal ended. Exits with 1 if not everybody could be told of it."""
    with failures_as_json(as_json, goal_id=goal_id), acting(container) as found:
        end: EndGoal = found.end_goal()
        goal, failures = None, list[str]()
        try:
            goal = end(goal_id, reason)
        except ExceptionGroup as failed:  # the goal has ended all the same
            goal, failures = found.goals().get(goal_id), [brief(failed)]
        settled = _settled_at(goal, found.settings())
    ended = {"ended": None if goal is None or goal.ended is None else goal.ended.isoformat()}
    kept = None if goal is None else goal.metadata.get(REASON)
    document = {"goal_id": goal_id, **ended, "reason": kept, "settled": settled, "failures": failures}
    _tell(document, _ended(document, reason), as_json)


def refund_hold(transaction_id: str, reason: str, sure: bool, container: object, as_json: bool) -> None:
    """Ask, unless ``sure``, and refund. Exits with 1 if the money is not the viewer's now, or nobody could be told."""
    with failures_as_json(as_json, transaction_id=transaction_id), acting(container) as found:
        refund: RefundHold = found.refund_hold()
        hold = refund.find(transaction_id)
        if hold.state is HoldState.HELD and not sure:
            click.confirm(_question(hold, found), abort=True, err=True)
        failures: list[str] = []
        try:
            hold = refund(transaction_id, reason)
        except ExceptionGroup as failed:  # the money may have moved all the same
            hold, failures = refund.find(transaction_id), [brief(failed)]
    if hold.state is HoldState.RELEASED:
        failures = [f"The streamer {hold.to_user_id} has the money already. Give it back by a deposit."]
    document = {"transaction_id": transaction_id, "state": hold.state.value, "amount": hold.amount}
    says = f"{hold.amount} of {hold.from_user_id} is {hold.state.value}."
    if hold.part is not None:
        document |= {"released": hold.released, "refunded": hold.refunded}
        says = f"{hold.released} of {hold.amount} of {hold.from_user_id} is released, and {hold.refunded} went back."
    _tell({**document, "failures": failures}, says, as_json)


def _settled_at(goal: Goal | None, settings: Settings) -> str | None:
    at: datetime | None = None if goal is None or goal.ended is None else goal.ended + settings.settle_delay
    return None if at is None else at.isoformat()


def _ended(document: Mapping[str, object], reason: str) -> str:
    if document["reason"] != reason:
        return f"The goal had ended already, at {document['ended']}, and stays as it is."
    return f"The goal has ended. Its money goes back at {document['settled']}, or by the next sweep."


def _question(hold: Hold, container: Container) -> str:
    goal = container.goals().get(hold.goal_id)
    state = "never created" if goal is None else "ongoing" if goal.active else "ended"
    return f"Refund {hold.amount} to {hold.from_user_id}? The goal {hold.goal_id} is {state}."


def _tell(document: Mapping[str, object], says: str, as_json: bool) -> None:
    if as_json:
        print_json(document)
    else:
        click.echo(says)
    failures = document["failures"]
    for failure in failures if isinstance(failures, list) else ():
        click.echo(failure, err=True)
    if failures:
        raise SystemExit(1)
