"""What the platform keeps at every moment, whatever happens to it: compared with a shadow (L2, L3, L6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from attrs import define, frozen
from hypothesis.stateful import RuleBasedStateMachine, invariant

from show_goal.adapters.memory import MemoryClock
from show_goal.core.decision import Settlement
from show_goal.core.errors import Refused
from show_goal.core.messages import Message
from show_goal.core.model import Goal, Session
from show_goal.core.money import Hold, HoldState
from show_goal.core.names import escrow_id
from show_goal.core.rules.settlement import ForTimeShown, SettlementRule, whole_once_begun
from show_goal.core.rules.states import GoalState, may_move, state_of
from show_goal.core.settings import Settings
from show_goal.ports.errors import Unavailable
from show_goal.ports.wallet import whole_escrow
from tests.builders import NOW
from tests.world import World

from .bad_servers import BadBroker, BadNotifier

SETTINGS = Settings(min_ttl=timedelta(seconds=5), cooldown=timedelta(seconds=10), settle_delay=timedelta(seconds=30))

SESSIONS = {f"5e550000000000000000000{n}": f"57e00000000000000000000{n}" for n in (1, 2, 3)}
VIEWERS = [f"71e00000000000000000000{n}" for n in (1, 2, 3)]
CREDIT = 150
SHOWS = timedelta(hours=1)
"""By then every show is over: nobody can pay for so much."""


def reachable(source: GoalState, target: GoalState) -> bool:
    """Whether transitions of the table lead from one state to the other."""
    return source is target or any(may_move(source, step) and reachable(step, target) for step in GoalState)


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


class PlatformPromises(RuleBasedStateMachine):
    """A platform, its shadow, and its promises. What happens to it is a subclass's."""

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

    def _deliver(self, message: Message) -> None:
        """Run its task now, even before its eta. A refused or failed message may come again, as any message may."""
        try:
            self.world.container.tasks()[type(message)](message)
        except (Refused, Unavailable):
            return
        except ExceptionGroup as failed:
            if failed.split((Refused, Unavailable))[1] is not None:
                raise
