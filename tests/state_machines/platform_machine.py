"""The whole platform, with requests, deliveries, losses and time in any order, compared with a shadow (L6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from attrs import define, evolve, frozen
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from show_goal.adapters.memory import MemoryClock, MemoryTaskQueue
from show_goal.core.errors import Refused
from show_goal.core.messages import Message, Sweep
from show_goal.core.model import Goal, Hold, HoldState, Invitation, Session, Settlement, Viewer
from show_goal.core.names import escrow_id
from show_goal.core.requests.trigger_private import Accepted
from show_goal.core.rules.settlement import ForTimeShown, SettlementRule, whole_once_begun
from show_goal.core.rules.states import GoalState, may_move, state_of
from show_goal.core.settings import Settings
from show_goal.ports.errors import NotifierUnavailable, Unavailable
from show_goal.ports.notifier import Notification
from show_goal.ports.wallet import whole_escrow
from tests.builders import NOW
from tests.world import World

SETTINGS = Settings(min_ttl=timedelta(seconds=5), cooldown=timedelta(seconds=10), settle_delay=timedelta(seconds=30))

SESSIONS = {f"5e550000000000000000000{n}": f"57e00000000000000000000{n}" for n in (1, 2, 3)}
VIEWERS = [f"71e00000000000000000000{n}" for n in (1, 2, 3)]
CREDIT = 150
SHOWS = timedelta(hours=1)
"""By then every show is over: nobody can pay for so much."""

positions = st.integers(0, 1_000)
sessions = st.sampled_from(list(SESSIONS))
viewers = st.sampled_from(VIEWERS)
seldom = st.integers(0, 4).map(lambda number: number == 4)

T = TypeVar("T")


def one_of(things: Sequence[T], position: int) -> T:
    return things[position % len(things)]


def reachable(source: GoalState, target: GoalState) -> bool:
    """Whether transitions of the table lead from one state to the other."""
    return source is target or any(may_move(source, step) and reachable(step, target) for step in GoalState)


class BadBroker(MemoryTaskQueue):
    """Remembers every message it ever had, because any of them may come again."""

    def __init__(self, clock: MemoryClock) -> None:
        super().__init__(clock)
        self.ever: list[Message] = []

    def trigger(self, message: Message, *, eta: datetime | None = None) -> None:
        self.ever.append(message)
        super().trigger(message, eta=eta)

    def take(self, position: int) -> Message:
        """Take any message out of the queue, due or not."""
        queued = self.queued()
        taken = queued.pop(position % len(queued))
        self.purge()
        for other in queued:
            super().trigger(other.message, eta=other.due)
        return taken.message


class BadNotifier:
    down = False

    def notify(self, notification: Notification) -> None:
        if self.down:
            raise NotifierUnavailable("no answer")


@frozen(kw_only=True)
class Stores:
    """Empty sessions, goals and a wallet, and the functions by which a host writes them."""

    ports: dict[str, Any]
    add_session: Callable[[Session], object]
    end_session: Callable[[str], object]
    credit: Callable[[str, int], None]


@define
class OnSd:
    """From when until when a session was on sd."""

    since: datetime
    until: datetime | None = None

    def meets(self, agreed: datetime, due: datetime) -> bool:
        return self.since < due and (self.until is None or self.until >= agreed)


class PlatformMachine(RuleBasedStateMachine):
    def __init__(self, stores: Stores, rule: SettlementRule = whole_once_begun) -> None:
        super().__init__()
        clock = MemoryClock()
        self.rule = rule
        self.broker, self.notifier, self.stores = BadBroker(clock), BadNotifier(), stores
        self.world = World.make(
            clock=clock,
            task_queue=self.broker,
            notifier=self.notifier,
            settings=SETTINGS,
            settlement_rule=rule,
            **stores.ports,
        )
        self.wallet, self.books = self.world.container.wallet(), self.world.container.books()
        self.accepted: dict[str, tuple[str, str, int]] = {}
        self.with_keys: dict[str, tuple[str, str, Invitation, Accepted]] = {}
        self.session_of: dict[str, str] = {}
        self.states: dict[str, GoalState] = {}
        self.holds: dict[str, Hold] = {}
        self.on_sd: dict[str, list[OnSd]] = {session_id: [] for session_id in SESSIONS}
        self.live = set(SESSIONS)
        for session_id, streamer_id in SESSIONS.items():
            stores.add_session(
                Session(id=session_id, streamer_id=streamer_id, preset="preview", pricing={"sd": 60, "preview": 0})
            )
        for viewer_id in VIEWERS:
            stores.credit(viewer_id, CREDIT)

    # Requests

    @rule(viewer=viewers, session=sessions, seconds=st.sampled_from([5, 60, 300]), duration=st.integers(1, 60))
    def invite(self, viewer: str, session: str, seconds: int, duration: int) -> None:
        self._invite(viewer, session, seconds, duration)

    @precondition(lambda self: self.accepted)
    @rule(position=positions)
    def retry(self, position: int) -> None:
        """A viewer whose money is held for the ongoing goal gets the same response again (D14, D15)."""
        transaction_id = one_of(list(self.accepted), position)
        viewer, session_id, duration = self.accepted[transaction_id]
        session = self.world.container.sessions().fetch_active(session_id)
        hold = self.wallet.find(transaction_id)
        ongoing = session.ongoing_private_goal(self.world.clock.now()) if session else None
        accepted = self._invite(viewer, session_id, 60, duration)
        if ongoing and hold and (ongoing.goal_id, hold.state, hold.amount) == (hold.goal_id, HoldState.HELD, duration):
            assert accepted is not None
            assert accepted.transaction_id == transaction_id

    @rule(viewer=viewers, session=sessions, duration=st.integers(1, 60), more=st.sampled_from([0, 0, 1]))
    def invite_with_a_key_and_the_price_shown(self, viewer: str, session: str, duration: int, more: int) -> None:
        """``more`` than the price is another price (D30)."""
        exp, key = int(self.world.clock.now().timestamp()) + 60, f"key-{len(self.with_keys)}"
        invitation = Invitation(exp=exp, duration=duration, amount=duration + more)
        accepted = self._ask(viewer, session, invitation, key)
        if accepted is not None:
            assert not more
            self.with_keys[key] = viewer, session, invitation, accepted

    @precondition(lambda self: self.with_keys)
    @rule(position=positions, another_body=seldom)
    def repeat_with_its_key(self, position: int, another_body: bool) -> None:
        """Whatever has happened since (D29)."""
        key = one_of(list(self.with_keys), position)
        viewer, session, invitation, accepted = self.with_keys[key]
        if another_body:
            invitation = evolve(invitation, duration=invitation.duration + 1)
        before = len(self.broker.ever)
        again = self._trigger(viewer, session, invitation, key)
        assert again == (None if another_body else accepted)
        assert len(self.broker.ever) == before

    @precondition(lambda self: self.session_of)
    @rule(position=positions, answers=st.lists(st.booleans(), min_size=1, max_size=2))
    def answer(self, position: int, answers: list[bool]) -> None:
        """The streamer answers once, or twice before a worker runs the first."""
        goal_id = one_of(list(reversed(self.session_of)), position)
        for agree in answers:
            if not self._answer(goal_id, agree):
                return

    @rule(session=sessions, preset=st.sampled_from(["sd", "sd", "preview"]))
    def switch_preset(self, session: str, preset: str) -> None:
        try:
            self.world.switch_preset(preset, SESSIONS[session])
        except Refused:
            assert session not in self.live
            return
        times, now = self.on_sd[session], self.world.clock.now()
        showing = bool(times) and times[-1].until is None
        if showing and preset != "sd":
            times[-1].until = now
        if not showing and preset == "sd":
            times.append(OnSd(now))

    @precondition(lambda self: self.rule.metered)
    @rule(viewer=viewers, session=sessions, duration=st.integers(10, 60), seconds=st.sampled_from([1, 7, 30]))
    def show(self, viewer: str, session: str, duration: int, seconds: int) -> None:
        """A viewer invites, the streamer agrees and goes to sd, and workers keep up. It goes on for some seconds."""
        accepted = self._invite(viewer, session, 300, duration)
        if accepted is None:
            return
        self.run_due()
        self._answer(accepted.goal_id, agree=True)
        self.run_due()
        self.switch_preset(session, "sd")
        self.advance(seconds)

    @precondition(lambda self: len(self.live) > 1)
    @rule(position=positions, happens=seldom)
    def end_session(self, position: int, happens: bool) -> None:
        if not happens:
            return
        session_id = one_of(sorted(self.live), position)
        self.stores.end_session(session_id)
        self.live.remove(session_id)

    # Time and the broker

    @rule(seconds=st.sampled_from([1, 7, 30, 61, 300]))
    def advance(self, seconds: int) -> None:
        self.world.clock.advance(timedelta(seconds=seconds))

    @rule()
    def run_due(self) -> None:
        self.world.run_due(quiet=True)

    @precondition(lambda self: self.broker.queued())
    @rule(position=positions, times=st.sampled_from([1, 2]))
    def deliver_out_of_order(self, position: int, times: int) -> None:
        message = self.broker.take(position)
        for _ in range(times):
            self._deliver(message)

    @precondition(lambda self: self.broker.ever)
    @rule(position=positions)
    def deliver_an_old_message(self, position: int) -> None:
        self._deliver(one_of(self.broker.ever, position))

    @precondition(lambda self: self.broker.queued())
    @rule(position=positions)
    def lose(self, position: int) -> None:
        self.broker.take(position)

    @rule(happens=seldom)
    def lose_everything(self, happens: bool) -> None:
        if happens:
            self.broker.purge()

    @rule(down=seldom)
    def notifier_comes_and_goes(self, down: bool) -> None:
        self.notifier.down = down

    @rule()
    def sweep(self) -> None:
        self._deliver(Sweep())

    # What is true at every moment

    @invariant()
    def one_ongoing_private_goal_a_session_D2(self) -> None:
        assert max(Counter(goal.session_id for goal in self._goals() if goal.active).values(), default=1) == 1

    @invariant()
    def one_hold_for_a_viewer_and_goal_which_ends_once_D15(self) -> None:
        for goal_id in self.session_of:
            holds = whole_escrow(self.wallet, escrow_id(goal_id))
            assert max(Counter(hold.from_user_id for hold in holds).values(), default=1) == 1
            for hold in holds:
                before = self.holds.get(hold.transaction_id, hold)
                assert before.amount == hold.amount
                assert before.state in (hold.state, HoldState.HELD)
                self.holds[hold.transaction_id] = hold

    @invariant()
    def money_is_neither_made_nor_lost_L6(self) -> None:
        balances = [self.books.balance(user) for user in [*VIEWERS, *SESSIONS.values()]]
        assert all(balance.available >= 0 and balance.held >= 0 for balance in balances)
        assert sum(balance.available + balance.held for balance in balances) == CREDIT * len(VIEWERS)
        assert list(self.books.audit(NOW - timedelta(days=1)).problems) == []

    @invariant()
    def goals_move_as_the_table_says_L3(self) -> None:
        for goal in self._goals():
            state, before = state_of(goal), self.states.get(goal.id, GoalState.CLAIMED)
            assert reachable(before, state), f"{goal.id} moved from {before} to {state}"
            if state is not before and goal.settlement is not None:
                self._is_decided_rightly(goal)
            self.states[goal.id] = state

    def _is_decided_rightly(self, goal: Goal) -> None:
        """Released if the streamer agreed, somebody has paid, and the show began in time (D33, D40).

        Of two times on sd while the agreement waits in the queue the first may be forgotten. Under a rule that looks at
        the show a viewer may have seen nothing of it.
        """
        agreed, ended = goal.agreed, goal.ended
        if agreed is None or ended is None or not whole_escrow(self.wallet, escrow_id(goal.id)):
            assert goal.settlement is Settlement.REFUNDED
            return
        due = ended + SETTINGS.settle_delay
        shows = [one for one in self.on_sd[str(goal.session_id)] if one.meets(agreed, due)]
        if goal.settlement is Settlement.RELEASED:
            assert shows
        elif not self.rule.metered:
            assert len(shows) != 1 or shows[0].until == agreed

    @invariant()
    def escrow_goes_where_it_was_decided_to_go_L3(self) -> None:
        for goal in self._goals():
            states = {hold.state for hold in whole_escrow(self.wallet, escrow_id(goal.id))}
            decided = set() if goal.settlement is None else {HoldState(goal.settlement)}
            if self.rule.metered and decided:
                decided = {*decided, HoldState.REFUNDED}
            assert states <= (decided if goal.settled else decided | {HoldState.HELD})

    @invariant()
    def nobody_pays_for_more_than_was_shown(self) -> None:
        """A second costs 1, and a price is rounded up."""
        if not isinstance(self.rule, ForTimeShown):
            return
        for hold in self.holds.values():
            if hold.state is HoldState.RELEASED:
                assert hold.released < self._shown(self.session_of[hold.goal_id]).total_seconds() + 1

    def _shown(self, session_id: str) -> timedelta:
        """For how long the session was on sd. Without a sign of life nobody knows when it ended."""
        now = self.world.clock.now()
        return sum(((one.until or now) - one.since for one in self.on_sd[session_id]), start=timedelta(0))

    def teardown(self) -> None:
        """Every message is lost. One sweep settles all when every show is over, and nothing comes back (L6)."""
        self.broker.purge()
        self.notifier.down = False
        longest = SHOWS if self.rule.metered else timedelta(0)
        self.world.clock.advance(timedelta(seconds=300) + SETTINGS.settle_delay + longest)
        self.world.sweep()
        self._all_is_settled()
        for message in [*self.broker.ever]:
            self._deliver(message)
        self._all_is_settled()
        self.goals_move_as_the_table_says_L3()

    def _all_is_settled(self) -> None:
        assert all(goal.settled and not goal.active for goal in self._goals())
        audit = self.books.audit(self.world.clock.now())
        assert (audit.held, list(audit.problems)) == (0, [])

    def _goals(self) -> list[Goal]:
        goals = self.world.container.goals()
        return [goal for goal_id in self.session_of if (goal := goals.get(goal_id)) is not None]

    def _invite(self, viewer: str, session: str, seconds: int, duration: int) -> Accepted | None:
        exp = int(self.world.clock.now().timestamp()) + seconds
        return self._ask(viewer, session, Invitation(exp=exp, duration=duration))

    def _trigger(self, viewer: str, session: str, invitation: Invitation, key: str | None) -> Accepted | None:
        try:
            return self.world.container.trigger_private_session()(session, Viewer(id=viewer), invitation, key)
        except Refused:
            return None

    def _ask(self, viewer: str, session: str, invitation: Invitation, key: str | None = None) -> Accepted | None:
        duration, accepted = invitation.duration, self._trigger(viewer, session, invitation, key)
        if accepted is None:
            return None
        assert accepted.amount == duration, "60 a minute"
        assert session in self.live
        self.accepted[accepted.transaction_id] = (viewer, session, duration)
        assert self.session_of.setdefault(accepted.goal_id, session) == session
        return accepted

    def _answer(self, goal_id: str, agree: bool) -> bool:
        """Whether the answer was accepted."""
        try:
            self.world.container.answer_goal()(goal_id, Viewer(id=SESSIONS[self.session_of[goal_id]]), agree)
        except Refused:
            return False
        return True

    def _deliver(self, message: Message) -> None:
        """Run its task now, even before its eta. A refused or failed message may come again, as any message may."""
        try:
            self.world.container.tasks()[type(message)](message)
        except (Refused, Unavailable):
            return
        except ExceptionGroup as failed:
            if failed.split((Refused, Unavailable))[1] is not None:
                raise
