"""Requests, tasks and receivers with one mistake each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from attrs import evolve

from show_goal.core import names
from show_goal.core.crowd import PART, tell_settled
from show_goal.core.decision import Rule, Settlement, Why
from show_goal.core.errors import SessionNotFound
from show_goal.core.events import GoalCreated, GoalEnded
from show_goal.core.messages import CreateGoal, DeactivateGoal, Transfer
from show_goal.core.model import Claim, Goal, Invitation, Session, Viewer
from show_goal.core.money import Hold, HoldState
from show_goal.core.receivers.binding import SHOW, announce_added
from show_goal.core.receivers.receiver import ReceiverPorts
from show_goal.core.requests.admission import Admission, Admitted
from show_goal.core.requests.once import Note
from show_goal.core.requests.switch_preset import SwitchPreset
from show_goal.core.requests.trigger_private import Accepted, TriggerPrivateSession
from show_goal.core.rules.private_goal import create_goal_message, transfer_message
from show_goal.core.signals import Outcome
from show_goal.core.tasks.closing import Closing
from show_goal.core.tasks.create_goal import CreateGoalTask
from show_goal.core.tasks.deciding import Decided, Deciding
from show_goal.core.tasks.moving import Moved, Moving
from show_goal.core.tasks.settle_escrow import SettleEscrowTask
from show_goal.core.tasks.sweep import SweepTask
from show_goal.core.tasks.transfer import TransferTask
from show_goal.core.tasks.turns import Rest, Work
from show_goal.core.trace import Trace, Tracer, require
from show_goal.ports.page import Page

NEVER = datetime.max.replace(tzinfo=UTC)

# Requests and tasks


class PaysFirst(TriggerPrivateSession):
    """Publishes the transfer, then claims the session."""

    def _trigger_private_session(
        self,
        session_id: str,
        viewer: Viewer,
        invitation: Invitation,
        exp: datetime,
        now: datetime,
        tries: Note,
    ) -> Accepted:
        duration = invitation.duration
        session = require(self.sessions.fetch_active(session_id), SessionNotFound)
        ongoing = session.ongoing_private_goal(now)
        amount = self.admission.check(viewer, session, ongoing, duration, now).amount
        wanted = ongoing or Claim(goal_id=self.ids.new(), exp=exp)
        transfer = transfer_message(wanted, session, viewer.id, amount=amount, duration=duration, tag_prefix="swag")
        self.task_queue.trigger(transfer)
        claim = self.sessions.claim(session.id, wanted, now) or wanted
        self.task_queue.trigger(create_goal_message(claim, session, viewer.id, duration))
        return Accepted(goal_id=claim.goal_id, transaction_id=transfer.transaction_id, amount=amount, exp=claim.exp)


class SellsAgain(TriggerPrivateSession):
    """Does not look whether the goal of this very invitation has been agreed to since."""

    def _agreed_since(self, *_: Any, **__: Any) -> None:
        return None


class AsksNobodyForConsent(Admission):
    """Takes the price of now, whatever the viewer was shown."""

    def check(self, *shown: Any, **consented: Any) -> Admitted:
        viewer, session, ongoing, duration, now, *_ = shown
        return super().check(viewer, session, ongoing, duration, now)


class TakesThePriceOfNow(TransferTask):
    """Holds what a minute costs when the transfer is carried out."""

    def _hold(self, message: Transfer, goal: Goal | None) -> Hold:
        session = self.sessions.fetch_active(message.session_id or "")
        price = session.get_price(names.PRESET_SD, message.duration or 1) if session else None
        return super()._hold(evolve(message, amount=message.amount if price is None else price), goal)


class SignalsFirst(CreateGoalTask):
    """Sends the signal, and so binds the goal, before the goal is stored."""

    def _create(self, goal: Goal) -> Goal:
        return goal

    def __call__(self, message: CreateGoal) -> Goal:
        goal = super().__call__(message)
        return self.goals.insert(goal)


class SignalsOnce(CreateGoalTask):
    """Assumes that the signals of an existing goal were sent."""

    def __call__(self, message: CreateGoal) -> Goal:
        return self.goals.get(message.goal_id) or super().__call__(message)


class HoldsLate(TransferTask):
    """Does not ask whether the goal still takes money."""

    def _live_claim(self, message: Transfer, goal: Goal | None, now: datetime) -> Claim | None:
        return Claim(goal_id=message.goal_id, exp=None if goal is None else goal.exp)


class DropsLateTransfers(TransferTask):
    """Says nothing of a transfer that comes too late."""

    def __call__(self, message: Transfer) -> Any:
        goal = self.goals.get(message.goal_id)
        return None if goal is not None and not goal.active else super().__call__(message)


class NeedsTheSession(TransferTask):
    """Does not know the messages of version 0.1, which name the session in a tag."""

    def _session_claim(self, message: Transfer) -> Claim | None:
        return None if message.session_id is None else super()._session_claim(message)


class LooksAtTheSessionAgain(Deciding):
    """Decides again each time the settlement continues, by what the session shows at that moment."""

    def __call__(self, goal: Goal) -> Decided:
        session = self.sessions.fetch_active(goal.session_id or "")
        shows = session is not None and session.preset == names.PRESET_SD
        settlement = Settlement.RELEASED if shows and goal.agreed is not None else Settlement.REFUNDED
        return Decided(goal=self.goals.decide(goal.id, settlement) or goal)


class LeavesUnpaidGoals(TransferTask):
    def _give_up_unpaid(self, message: Transfer, goal: Goal | None) -> None:
        return None


class LapsesInSilence(TransferTask):
    """The trace says that the transfer was refused, the viewer does not hear it."""

    def _hold_or_lapse(self, message: Transfer, goal: Goal | None) -> Hold:
        return self._hold(message, goal)


class TellsOnlyTheWallet(Moving):
    """Sends ``balance.incremented``, and tells no viewer on their channel."""

    def report(self, goal: Goal | None, moved: Moved, until: datetime) -> Sequence[Hold]:
        for hold in moved.settled:
            self.tell(hold)
        return []


class SwitchesOnly(SwitchPreset):
    """Leaves it to the settlement to find out when a show began."""

    def _look_for_shows(self, streamer: Viewer) -> str | None:
        return None


class ReleasesOnConsent(Deciding):
    """Asks only whether the streamer agreed."""

    def _decided(self, goal: Goal, seen: Why) -> Decided:
        return super()._decided(goal, _by_consent(goal, seen))


class ReleasesOnConsentToAnything(Deciding):
    """Releases the escrow of any neighbour when the streamer agreed."""

    def _decided(self, goal: Goal, seen: Why) -> Decided:
        private = goal._cls == names.TRIGGER_PRIVATE_GOAL
        return super()._decided(goal, seen if private else _by_consent(goal, seen))


def _by_consent(goal: Goal, seen: Why) -> Why:
    return evolve(seen, rule=Rule.NOT_AGREED if goal.agreed is None else Rule.AGREED)


class PaysBeforeItDecides(Deciding):
    """Moves the money, then stores the decision."""

    def _decided(self, goal: Goal, seen: Why) -> Decided:
        move = self.wallet.release if seen.settlement is Settlement.RELEASED else self.wallet.refund
        for hold in self._page(goal, None, PART).items:
            move(hold.transaction_id)
        return super()._decided(goal, seen)


class SettlesPrivateEscrows(SettleEscrowTask):
    """Treats the escrow of every goal as a private goal's."""

    def page(self, goal: Goal, after: str | None, limit: int = PART) -> Page[Hold]:
        return super().page(evolve(goal, _cls=names.TRIGGER_PRIVATE_GOAL), after, limit)


class SettlesTheFirstPage(SettleEscrowTask):
    """Takes the first page of an escrow for the whole. That is right until a crowd comes."""

    def page(self, goal: Goal, after: str | None, limit: int = PART) -> Page[Hold]:
        return Page(super().page(goal, after, limit).items)


class LeavesThePass(Moving):
    """A refund leaves the pass."""

    def take_back(self, goal: Goal, holds: Sequence[Hold]) -> Mapping[str, Exception]:
        return {}


class ForgetsWhatHasMoved(Moving):
    """Reports only what this run has moved, not what an earlier one moved that broke off."""

    def move(self, goal: Goal, holds: Sequence[Hold], until: datetime) -> Moved:
        return super().move(goal, [hold for hold in holds if hold.state is HoldState.HELD], until)


class TellsFirst(Moving):
    """Tells viewers what becomes of their money, then moves it."""

    def move(self, goal: Goal, holds: Sequence[Hold], until: datetime) -> Moved:
        for hold in holds:
            if hold.state is HoldState.HELD:
                tell_settled(self.notifier, [hold])
        return super().move(goal, holds, until)


# What observes


class Watched(Trace):
    """A unit fails if what observes it does."""

    def _end(self, *_: Any, **__: Any) -> None:
        self._sink(self)


class WatchingTracer(Tracer):
    def unit(self, name: str, **ids: object) -> Trace:
        return Watched(name, ids, self._sink, self._observer)


# The sweeper


class TellsAtOnce(SweepTask):
    """Tells of a goal as soon as its own money has moved."""

    def _empty(self, work: Work, goal: Goal, *, ended_now: bool = False, known: bool = False) -> Rest | None:
        rest = super()._empty(work, goal, ended_now=ended_now, known=known)
        if rest is not None:
            rest()
        return None


class ResumesNothing(SweepTask):
    def _resume(self, work: Work, session: Session) -> None:
        return None


class LeavesSessionsThatAreOver(SweepTask):
    def _close_session(self, work: Work, session: Session) -> Rest | None:
        return None


class TellsNoLapse(SweepTask):
    """Whose transfer was lost hears nothing as the claim lapses."""

    def _lapse(self, work: Work, session: Session) -> Rest | None:
        return None


class EndsNothing(SweepTask):
    def _end(self, work: Work, goal: Goal) -> Rest | None:
        return None


class PublishesTheEndFirst(SweepTask):
    """Publishes an end before it ends the goal. While the queue takes no messages, no goal ends."""

    def _end(self, work: Work, goal: Goal) -> Rest | None:
        self.task_queue.trigger(DeactivateGoal(goal_id=goal.id))
        return super()._end(work, goal)


class RefundsNothing(SweepTask):
    def _refund(self, work: Work, hold: Hold) -> Rest | None:
        return None


class TellsNobody(Closing):
    """Marks a goal as settled and does not tell of its end. No sweep finds it again."""

    def tell(self, work: Work, goal: Goal, *, due: bool = False) -> bool:
        return True


# Receivers


def does_nothing(event: object, ports: ReceiverPorts) -> Outcome:
    return Outcome.SKIPPED


def binds_without_looking_again(event: GoalCreated, ports: ReceiverPorts) -> Outcome:
    """Does not ask whether the goal ended while it was being bound."""
    claim = Claim(goal_id=event.goal_id, exp=event.exp)
    session = ports.sessions.bind_show_funding_goal(str(event.conditions["session_id"]), claim, ports.clock.now())
    return Outcome.SKIPPED if session is None else announce_added(event, ports, session)


def drops_any_pair(event: GoalEnded, ports: ReceiverPorts) -> Outcome:
    """Removes the pair of an agreed request as well."""
    viewer_id = event.metadata.get("triggered_by")
    if isinstance(viewer_id, str):
        ports.sessions.drop_exclusive_goal_pair(str(event.conditions["session_id"]), viewer_id, event.goal_id)
    return Outcome.RAN


def links_first(event: GoalCreated, ports: ReceiverPorts) -> Outcome:
    """Names the show in its funding goal before the show has a slot."""
    followed = SHOW.followed(event)
    if followed is not None:
        ports.goals.link(followed, SHOW.back, event.goal_id)
    return Outcome.RAN
