"""Mistakes that somebody could make, each a host of the simulator with one thing wrong in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from attrs import evolve
from dependency_injector import providers

from show_goal.adapters.container import Container
from show_goal.core.errors import SessionNotFound
from show_goal.core.messages import CreateGoal, DeactivateGoal, SettleEscrow, Transfer
from show_goal.core.model import Claim, Goal, Hold, Session, Settlement, Viewer
from show_goal.core.names import escrow_id
from show_goal.core.requests.trigger_private import Accepted, TriggerPrivateSession
from show_goal.core.rules.private_goal import create_goal_message, transfer_message
from show_goal.core.tasks.create_goal import CreateGoalTask
from show_goal.core.tasks.settle_escrow import SettleEscrowTask
from show_goal.core.tasks.sweep import SweepTask
from show_goal.core.tasks.transfer import TransferTask
from show_goal.core.trace import require
from show_goal.testing.simulator import Host
from show_goal.testing.simulator.network import InFlight
from show_goal.testing.simulator.worker import Worker
from tests.testing.simulator.wrong_stores import (
    BindsOnceSessions,
    ClaimsWithoutLooking,
    CountsAgain,
    DecidesAgain,
    EndsAgain,
    HoldsAgain,
    HoldsOnCredit,
    InsertsOver,
    SettlesAgain,
)


def made_of(task: Any, wrong: type) -> Any:
    """The use case of another class, on the ports of the right one."""
    ports = {attribute.name: getattr(task, attribute.name) for attribute in wrong.__attrs_attrs__}  # type: ignore[attr-defined]
    return wrong(**ports)


class WithAdapter(Host):
    """Another adapter for one port."""

    port: str
    adapter: type

    def adapters(self, clock: Any) -> dict[str, Any]:
        return {**super().adapters(clock), self.port: self.adapter()}


class WithUseCase(Host):
    """Another class for one use case or task."""

    use_case: str
    wrong: type

    def connect(self, container: Container) -> None:
        provider = getattr(container, self.use_case)
        provider.override(providers.Object(made_of(provider(), self.wrong)))


# Sessions and goals


class ClaimWithoutTheAtomicCheck(WithAdapter):
    port, adapter = "sessions", ClaimsWithoutLooking


class DeactivateWithoutCompareAndSet(WithAdapter):
    port, adapter = "goals", EndsAgain


class InsertReplacesWhatStands(WithAdapter):
    port, adapter = "goals", InsertsOver


class ProgressWithoutTheInsertId(WithAdapter):
    port, adapter = "goals", CountsAgain


class UndecidedSettlement(SettleEscrowTask):
    """Looks at the session anew each time it is carried on."""

    def _settlement(self, goal: Goal) -> Settlement:
        return super()._settlement(evolve(goal, settlement=None))


class SettlementDecidedMoreThanOnce(WithAdapter):
    port, adapter = "goals", DecidesAgain

    def connect(self, container: Container) -> None:
        container.settle_escrow.override(providers.Object(made_of(container.settle_escrow(), UndecidedSettlement)))


# The wallet


class HoldWithoutTheTransactionId(WithAdapter):
    port, adapter = "wallet", HoldsAgain


class HoldWithoutLookingAtTheBalance(WithAdapter):
    port, adapter = "wallet", HoldsOnCredit


class RefundWithoutCompareAndSet(WithAdapter):
    port, adapter = "wallet", SettlesAgain


# Requests and tasks


class PaysFirst(TriggerPrivateSession):
    """Publishes the transfer, then takes the session for its goal."""

    def _trigger_private_session(
        self, session_id: str, viewer: Viewer, exp: datetime, duration: int, now: datetime
    ) -> Accepted:
        session = require(self.sessions.fetch_active(session_id), SessionNotFound)
        ongoing = session.ongoing_private_goal(now)
        amount = self.admission.check(viewer, session, ongoing, duration, now)
        wanted = ongoing or Claim(goal_id=self.ids.new(), exp=exp)
        transfer = transfer_message(wanted, session, viewer.id, amount=amount, duration=duration, tag_prefix="swag")
        self.task_queue.trigger(transfer)
        claim = self.sessions.claim(session.id, wanted, now) or wanted
        self.task_queue.trigger(create_goal_message(claim, session, viewer.id, duration))
        return Accepted(goal_id=claim.goal_id, transaction_id=transfer.transaction_id, amount=amount, exp=claim.exp)


class TransferBeforeTheClaim(WithUseCase):
    use_case, wrong = "trigger_private_session", PaysFirst


class TellsFirst(CreateGoalTask):
    """Sends the signal, and what follows it, before the goal is stored."""

    def _create(self, goal: Goal) -> Goal:
        return goal

    def __call__(self, message: CreateGoal) -> Goal:
        goal = super().__call__(message)
        return self.goals.insert(goal)


class BindBeforeInsert(WithUseCase):
    use_case, wrong = "create_goal", TellsFirst


class TellsOnce(CreateGoalTask):
    """Takes a goal that stands for one whose signals were sent."""

    def __call__(self, message: CreateGoal) -> Goal:
        standing = self.goals.get(message.goal_id)
        return standing or super().__call__(message)


class NoSignalsOnceTheGoalStands(WithUseCase):
    use_case, wrong = "create_goal", TellsOnce


class HoldsLate(TransferTask):
    """Does not ask whether the goal still takes money."""

    def _live_claim(self, message: Transfer, now: datetime) -> Claim | None:
        goal = self.goals.get(message.goal_id)
        return Claim(goal_id=message.goal_id, exp=None if goal is None else goal.exp)


class TransferHeldAfterTheEnd(WithUseCase):
    use_case, wrong = "transfer", HoldsLate


class ReleasesOnConsent(SettleEscrowTask):
    """The streamer has agreed: that will do."""

    def _settlement(self, goal: Goal) -> Settlement:
        return Settlement.REFUNDED if goal.agreed is None else Settlement.RELEASED


class SettlementWithoutThePreset(WithUseCase):
    use_case, wrong = "settle_escrow", ReleasesOnConsent


class PaysBeforeItDecides(SettleEscrowTask):
    """Moves the money, then writes down why."""

    def _settle(self, goal: Goal) -> Goal:
        self._carry_out_each(self._settlement(goal), self.wallet.holds_of(escrow_id(goal.id)))
        return super()._settle(goal)


class MoneyMovesBeforeTheDecision(WithUseCase):
    use_case, wrong = "settle_escrow", PaysBeforeItDecides


class GoalAddedAtTheFirstBindingOnly(WithAdapter):
    port, adapter = "sessions", BindsOnceSessions


# Workers and the sweeper


class AcknowledgesEarly(Worker):
    """Acknowledges a message, then works at it."""

    def run(self, one: InFlight) -> None:
        self.network.acknowledge(one)
        self.carry_out(one)


class EarlyAcknowledgement(Host):
    worker = AcknowledgesEarly


class GivesUpAtOnce(Worker):
    """Takes whatever a task raises for final."""

    def _failed(self, one: InFlight) -> None:
        self.network.acknowledge(one)


class NoRetryOfWhatFailed(Host):
    worker = GivesUpAtOnce


class ResumesNothing(SweepTask):
    def _resume(self, session: Session) -> bool:
        return False


class SweepResumesNoClaim(WithUseCase):
    use_case, wrong = "sweep", ResumesNothing


class RefundsNothing(SweepTask):
    def _refund(self, hold: Hold) -> bool:
        return False


class SweepRefundsNoHold(WithUseCase):
    use_case, wrong = "sweep", RefundsNothing


class EndsNothing(SweepTask):
    def _end(self, goal: Goal, heard: set[str], failures: Sequence[Exception]) -> bool:
        return False


class SweepEndsNoGoal(WithUseCase):
    use_case, wrong = "sweep", EndsNothing


class SettlesThenTells(SweepTask):
    """Tells of an end only once the goal is settled, when no sweep finds it any more."""

    def _settle(self, goal: Goal, heard: set[str]) -> bool:
        settled = self.settle_escrow(SettleEscrow(goal_id=goal.id)) is not None
        if goal.id not in heard:
            self.deactivate_goal(DeactivateGoal(goal_id=goal.id))
        return settled


class SweepSettlesBeforeItTells(WithUseCase):
    use_case, wrong = "sweep", SettlesThenTells


class TellsNobodyTwice(SweepTask):
    """Takes the sweep's own retry for one that would find the goal again."""

    def _tell(self, message: DeactivateGoal, heard: set[str]) -> Goal | None:
        heard.add(message.goal_id)
        return self.deactivate_goal(message)


class SweepForgetsWhomItDidNotTell(WithUseCase):
    use_case, wrong = "sweep", TellsNobodyTwice
