"""Mistakes with shows, karaoke and exclusive shows, each a host of the simulator with one thing wrong in it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from attrs import evolve
from dependency_injector import providers

from show_goal.adapters.container import Container
from show_goal.adapters.memory import MemoryRtcSources, MemorySessions
from show_goal.adapters.memory.session_goals import Record
from show_goal.core import names
from show_goal.core.events import GoalCreated, GoalEnded
from show_goal.core.model import Claim, Goal, Session, SessionKaraoke, Settlement
from show_goal.core.receivers.binding import SHOW, announce_added
from show_goal.core.receivers.receiver import ReceiverPorts
from show_goal.core.receivers.registry import MATRIX
from show_goal.core.signals import Outcome
from show_goal.core.tasks.settle_escrow import SettleEscrowTask
from show_goal.testing.simulator import Host

from .mistakes import WithAdapter, WithUseCase


class WithCell(Host):
    """Another receiver in one cell of the matrix."""

    event: type[Any]
    row: str
    _cls: str
    receiver: Any

    def connect(self, container: Container) -> None:
        container.matrix.override(providers.Object(MATRIX.with_cell(self.event, self.row, self._cls, self.receiver)))


def does_nothing(event: object, ports: ReceiverPorts) -> Outcome:
    return Outcome.SKIPPED


class KeepsTheLastKaraoke(MemorySessions):
    """The last one has the place, whether or not another goes on."""

    def bind_karaoke_goal(self, session_id: str, claim: Claim, now: datetime) -> Session | None:
        def place(record: Record) -> Record | None:
            standing = record.karaoke_goal
            if standing is not None and standing.goal == claim.goal_id:
                return record
            return evolve(record, karaoke_goal=SessionKaraoke(goal=claim.goal_id)) if claim.live(now) else None

        return self._bind(session_id, place)


class TwoKaraokeGoalsAtOnce(WithAdapter):
    port, adapter = "sessions", KeepsTheLastKaraoke


class KeepsTheLastShow(MemorySessions):
    """A pair takes whatever show comes."""

    def bind_show_goal(self, session_id: str, claim: Claim, now: datetime, *, funding_goal: str) -> Session | None:
        record = self._active(session_id)
        if record is not None:
            pairs = tuple(
                evolve(pair, show_goal=None)
                if pair.funding_goal == funding_goal and pair.show_goal != claim.goal_id
                else pair
                for pair in record.show_goal_pairs
            )
            self._put(evolve(record, show_goal_pairs=pairs))
        return super().bind_show_goal(session_id, claim, now, funding_goal=funding_goal)


class TwoShowsInAPair(WithAdapter):
    port, adapter = "sessions", KeepsTheLastShow


class OneSwitch(MemoryRtcSources):
    """Snapshots are on or off: whoever is first to end has them taken again."""

    def resume_snapshots(self, streamer_id: str, goal_id: str) -> None:
        self._stopped.pop(streamer_id, None)


class SnapshotsByOneSwitch(WithAdapter):
    port, adapter = "rtc_sources", OneSwitch


def binds_without_looking_again(event: GoalCreated, ports: ReceiverPorts) -> Outcome:
    """Does not ask whether the goal has ended while it was being bound."""
    claim = Claim(goal_id=event.goal_id, exp=event.exp)
    session = ports.sessions.bind_show_funding_goal(str(event.conditions["session_id"]), claim, ports.clock.now())
    return Outcome.SKIPPED if session is None else announce_added(event, ports, session)


class EndMissedByTheBinder(WithCell):
    event, row, _cls = GoalCreated, "bind_show_goals_to_session", names.SHOW_FUNDING_GOAL
    receiver = staticmethod(binds_without_looking_again)


class NoEndInTheSession(WithCell):
    event, row, _cls = GoalEnded, "set_embedded_goal_ended", names.SHOW_GOAL
    receiver = staticmethod(does_nothing)


class SnapshotsNeverResumed(WithCell):
    event, row, _cls = GoalEnded, "snapshot_rtc_sources", names.EXCLUSIVE_GOAL
    receiver = staticmethod(does_nothing)


class UnagreedPairsStay(WithCell):
    event, row, _cls = GoalEnded, "cleanup_expired_exclusive_goal_pairs", names.TRIGGER_EXCLUSIVE_GOAL
    receiver = staticmethod(does_nothing)


def drops_any(event: GoalEnded, ports: ReceiverPorts) -> Outcome:
    """Removes the pair of an agreed request as well."""
    viewer_id = event.metadata.get("triggered_by")
    if isinstance(viewer_id, str):
        ports.sessions.drop_exclusive_goal_pair(str(event.conditions["session_id"]), viewer_id, event.goal_id)
    return Outcome.RAN


class AgreedPairsGo(WithCell):
    event, row, _cls = GoalEnded, "cleanup_expired_exclusive_goal_pairs", names.TRIGGER_EXCLUSIVE_GOAL
    receiver = staticmethod(drops_any)


def links_first(event: GoalCreated, ports: ReceiverPorts) -> Outcome:
    """The funding goal has its show as soon as one calls itself so, place or no place."""
    followed = SHOW.followed(event)
    if followed is not None:
        ports.goals.link(followed, SHOW.back, event.goal_id)
    return Outcome.RAN


class PaidForAShowThatHasNoPlace(WithCell):
    event, row, _cls = GoalCreated, "bind_show_goal_to_funding_goal", names.SHOW_GOAL
    receiver = staticmethod(links_first)


class ReleasesWhatWasAgreed(SettleEscrowTask):
    """Takes the streamer's consent for what earns any goal's escrow."""

    def _settlement(self, goal: Goal) -> Settlement:
        if goal.settlement is not None or goal._cls == names.TRIGGER_PRIVATE_GOAL:
            return super()._settlement(goal)
        return Settlement.REFUNDED if goal.agreed is None else Settlement.RELEASED


class AConsentEarnsAnything(WithUseCase):
    use_case, wrong = "settle_escrow", ReleasesWhatWasAgreed


class SettlesPrivateEscrows(SettleEscrowTask):
    """Looks into the escrow of a private goal, whatever the goal's class."""

    def _settle(self, goal: Goal) -> Goal:
        settlement = (self.goals.decide(goal.id, self._settlement(goal)) or goal).settlement
        self._carry_out_each(settlement, self.wallet.holds_of(names.escrow_id(goal.id)))
        self.goals.mark_settled(goal.id)
        return goal


class OtherEscrowsForgotten(WithUseCase):
    use_case, wrong = "settle_escrow", SettlesPrivateEscrows
