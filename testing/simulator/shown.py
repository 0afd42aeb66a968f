"""Watches what viewers pay for a show, under a rule that looks at it: every coin is explained by the time on sd.

The time on sd comes from the presets that were switched, not from what the goals record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from attrs import frozen

from ...core.decision import Settlement
from ...core.interval import Interval
from ...core.model import Goal
from ...core.money import Hold, HoldState
from ...core.rules.on_sd import SILENCE
from ...core.rules.settlement import Deposit, Facts, ForTimeShown, SettlementRule
from ...core.tasks.deciding import LOOK_AGAIN
from ...ports.clock import Clock
from .bought import NOTHING
from .ledger import Ledger
from .oracle import cost, left_for_good, over, watched
from .paid import Paid, Share
from .recorded import misrecorded
from .records import GoalRecord, Records, SessionRecord
from .rules import LATER

EXPLAINED = "what a hold releases is what the settlement rule says of the show, to the coin"
OVER_FIRST = "nothing is settled before the show is over"
RECORDED = "a goal records when its session was on sd, each time once"
OUTLASTS = "a pass does not outlast a show that its viewer paid for in part (D39)"
BEGINS = "a viewer's time begins with the show, or when the time that they had before is over (D37)"


@frozen
class Asked:
    """When a viewer's time began, as it was asked for."""

    call: int
    begins: datetime | None
    now: datetime


class Shown:
    """Methods are named as in ``Watchers``. Nothing is watched under a rule that does not look at the show."""

    def __init__(
        self, records: Records, ledger: Ledger, rule: SettlementRule, clock: Clock, settle_delay: timedelta
    ) -> None:
        self._records, self._ledger, self._rule, self._clock = records, ledger, rule, clock
        self._settle_delay = settle_delay
        self._asked: dict[tuple[str, str], list[Asked]] = {}
        self._decided: dict[str, Goal] = {}
        self.paid: dict[tuple[str, str], list[Paid]] = {}
        """By session and viewer."""

    def passes_begins(
        self, result: Mapping[str, datetime], session_id: str, goal_id: str, viewer_ids: Iterable[str]
    ) -> None:
        for viewer_id in viewer_ids:
            begins = self._records.sessions[session_id].bought.begins(viewer_id).get(goal_id)
            if result.get(viewer_id) != begins:
                what = f"the time of {viewer_id} for goal {goal_id} begins at {result.get(viewer_id)}, not at {begins}"
                self._records.broken(BEGINS, what)
            asked = Asked(self._records.calls.made, begins, self._clock.now())
            self._asked.setdefault((goal_id, viewer_id), []).append(asked)

    def goals_decide(self, result: Goal | None, goal_id: str, *_: object) -> None:
        record = self._records.goal(goal_id)
        if not self._rule.metered or result is None or goal_id in self._decided or not record.private:
            return
        self._decided[goal_id] = result
        if result.agreed is None or result.why is None:
            return
        holds = self._held_before(goal_id)
        self._is_decided_rightly(result, holds)
        if result.why.show_began is not None and not self._clock_was_set_back(result):
            self._is_over(result, holds)
            record, session = self._records.goal(goal_id), self._session(result)
            for sentence in misrecorded(result, record, session, self._started):
                self._records.broken(RECORDED, sentence)

    def wallet_release(self, result: Hold, transaction_id: str, amount: int | None = None) -> None:
        hold = self._ledger.holds[transaction_id]
        goal = self._decided.get(hold.goal_id)
        if goal is None or hold.state is not HoldState.HELD:
            return
        released = hold.amount if amount is None else amount
        shares = self._shares(goal, hold)
        for share in shares:
            if share.earns and share.released == released:
                moved = self._session(goal).bought.moved(hold.from_user_id)
                paid = Paid(hold.goal_id, share.ticks, moved)
                self.paid.setdefault((str(goal.session_id), hold.from_user_id), []).append(paid)
                self._ends_with_the_show(goal, hold, share)
                return
        self._unexplained(hold, f"releases {released}", shares)

    def wallet_refund(self, result: Hold, transaction_id: str) -> None:
        hold = self._ledger.holds[transaction_id]
        goal = self._decided.get(hold.goal_id)
        settled = self._records.goal(hold.goal_id).settled
        if goal is None or settled or hold.state is not HoldState.HELD or goal.settlement is Settlement.REFUNDED:
            return
        shares = self._shares(goal, hold)
        if all(share.earns for share in shares):
            self._unexplained(hold, "is refunded", shares)

    def settled_by(self, goal: GoalRecord, now: datetime) -> datetime:
        """By when a sweep must have settled the goal: workers look at a show once a minute."""
        ended = goal.ended
        if not self._rule.metered or not goal.private or ended is None or ended.agreed is None:
            return now
        holds = [hold for hold in self._ledger.held() if hold.goal_id == goal.id]
        overs = [self._over_for(ended, hold) for hold in holds]
        if goal.decided is not None or not overs:
            return now
        session = self._session(ended)
        silent = session.died is not None and session.seen is None  # nobody can know when it was over
        agreed = self._agreed(ended)
        before = [one for one in session.on_sd if one.call < goal.ended_at and (one.until or agreed) >= agreed]
        if (
            silent or len(before) > 1 or session.unclear(agreed, goal.ended_at)
        ):  # while an agreement waits, a session forgets
            return datetime.max.replace(tzinfo=UTC)
        return max(overs) + LOOK_AGAIN + (self._records.latest - now)

    def longest(self) -> timedelta:
        """No show goes on for longer than this."""
        if not self._rule.metered:
            return timedelta(0)
        bought = sum(self._duration(hold) for hold in self._ledger.held())
        return timedelta(seconds=bought + LATER[-1]) + SILENCE + LOOK_AGAIN

    def goes_on(self) -> bool:
        """Whether somebody has time left of what they have paid for, and may not have been settled yet."""
        return self._rule.metered and any(self._has_time_left(hold) for hold in self._ledger.held())

    # When a show is over

    def _has_time_left(self, hold: Hold) -> bool:
        goal = self._records.goal(hold.goal_id)
        session = self._records.sessions.get(goal.session_id)
        begins = None if session is None else session.bought.begins(hold.from_user_id).get(goal.id)
        return begins is not None and begins + timedelta(seconds=self._duration(hold)) > self._clock.now()

    def _is_over(self, goal: Goal, holds: Sequence[Hold]) -> None:
        session = self._session(goal)
        unclear = session.unclear(self._agreed(goal), self._records.goal(goal.id).ended_at)
        if unclear or session.died is not None or session.switched_since(self._started):
            return
        for hold in holds:
            due = self._over_for(goal, hold)
            if due > self._records.latest:
                what = f"goal {goal.id} is decided, and the show of {hold.from_user_id} goes on until {due}"
                self._records.broken(OVER_FIRST, what)

    def _over_for(self, goal: Goal, hold: Hold) -> datetime:
        """When the show is over for a viewer, and known to be."""
        session, rule = self._session(goal), self._rule
        if not isinstance(rule, ForTimeShown):
            return rule(self._facts(goal), self._deposit(goal, hold, None)).due
        agreed, real = self._agreed(goal), self._real(goal)
        if not real:
            return self._due(goal)
        begins = session.bought.begins(hold.from_user_id).get(goal.id)
        runs_out = max(real[0].since, agreed, begins or agreed) + timedelta(seconds=self._duration(hold))
        died = session.died if session.seen is not None or not session.active else None  # else nobody can know
        ends = [runs_out, over(real, rule), None if died is None else max(died, agreed) + SILENCE]
        return max(self._due(goal), min(end for end in ends if end is not None))

    # What is paid

    def _is_decided_rightly(self, goal: Goal, holds: Sequence[Hold]) -> None:
        shares = [self._shares(goal, hold) for hold in holds]
        if goal.settlement is Settlement.REFUNDED and any(all(one.earns for one in each) for each in shares):
            self._records.broken(EXPLAINED, f"goal {goal.id} is refunded, its viewers should pay {shares}")

    def _shares(self, goal: Goal, hold: Hold) -> list[Share]:
        """What the rule says of the hold, for each time that the action at work has asked for its pass."""
        asked = [one for one in self._asked.get((goal.id, hold.from_user_id), ()) if one.call > self._started]
        if not asked:
            begins = self._session(goal).bought.begins(hold.from_user_id).get(goal.id)
            asked = [Asked(self._records.calls.made, begins, self._clock.now())]
        return [self._share(goal, hold, one) for one in asked]

    def _share(self, goal: Goal, hold: Hold, asked: Asked) -> Share:
        rule, began = self._rule, _began(goal)
        taken_back = self._session(goal).bought.of(hold.from_user_id, goal.id) == NOTHING
        if began is None or taken_back:
            return Share(earns=False, released=0)
        if not isinstance(rule, ForTimeShown):
            verdict = rule(self._facts(goal), self._deposit(goal, hold, asked.begins))
            return Share(verdict.rule.earns, verdict.released, ends=verdict.ends)
        begins, duration = max(began, asked.begins or began), self._duration(hold)
        ticks = watched(goal.on_sd, begins, duration, rule.grace, asked.now)
        price = cost(hold.amount, duration, len(ticks), rule.minimum)
        return Share(bool(ticks), price, frozenset(ticks), left_for_good(goal.on_sd, rule.grace))

    def _ends_with_the_show(self, goal: Goal, hold: Hold, share: Share) -> None:
        """Who pays for a part may have time left only until then."""
        session, viewer_id = self._session(goal), hold.from_user_id
        if share.ends is None or share.released == hold.amount:
            return
        begins, given = session.bought.begins(viewer_id).get(goal.id), session.bought.of(viewer_id, goal.id)
        if begins is None or given is None:
            return
        until = begins + timedelta(seconds=given.duration)
        if until >= max(begins, share.ends) + timedelta(seconds=1):
            what = (
                f"{hold.transaction_id} pays for a show that ended at {share.ends}, {viewer_id} may watch until {until}"
            )
            self._records.broken(OUTLASTS, what)

    def _unexplained(self, hold: Hold, what: str, shares: Sequence[Share]) -> None:
        says = " or ".join(f"{share.released} for {len(share.ticks)} ticks" for share in shares)
        self._records.broken(EXPLAINED, f"{hold.transaction_id} of {hold.amount} {what}, and the rule says {says}")

    # What is known

    @property
    def _started(self) -> int:
        frame = self._records.frame
        return self._records.calls.made if frame is None else frame.started

    def _session(self, goal: Goal) -> SessionRecord:
        return self._records.sessions[str(goal.session_id)]

    def _agreed(self, goal: Goal) -> datetime:
        return goal.agreed or self._clock.now()

    def _due(self, goal: Goal) -> datetime:
        return (goal.ended or self._clock.now()) + self._settle_delay

    def _real(self, goal: Goal) -> Sequence[Interval]:
        """When the session was on sd since the agreement."""
        agreed = self._agreed(goal)
        times = [one for one in self._session(goal).on_sd if one.until is None or one.until > agreed]
        return [Interval(since=max(one.since, agreed), until=one.until) for one in times]

    def _clock_was_set_back(self, goal: Goal) -> bool:
        """Whether the times since the session was first on sd for the goal are in no order."""
        agreed = self._agreed(goal)
        calls = [one.call for one in self._session(goal).on_sd if one.until is None or one.until >= agreed]
        return self._records.set_back_at > min([self._records.goal(goal.id).claimed_at, *calls])

    def _held_before(self, goal_id: str) -> list[Hold]:
        """What was held of the goal before the action began that is at work."""
        placed = self._ledger.placed
        held = self._ledger.held()
        return [one for one in held if one.goal_id == goal_id and placed[one.transaction_id] < self._started]

    def _duration(self, hold: Hold) -> int:
        goal = self._records.goal(hold.goal_id).ended
        prepaid = None if goal is None else goal.metadata.get("prepaid_duration")
        found = prepaid if hold.duration is None else hold.duration
        return found if isinstance(found, int) else 0

    def _facts(self, goal: Goal) -> Facts:
        real = self._real(goal)
        return Facts(
            agreed=self._agreed(goal),
            due=self._due(goal),
            began=real[0].since if goal.why is None and real else _began(goal),
            on_sd=real,
            session_over=None,
            now=self._clock.now(),
        )

    def _deposit(self, goal: Goal, hold: Hold, begins: datetime | None) -> Deposit:
        return Deposit(
            viewer_id=hold.from_user_id,
            amount=hold.amount,
            duration=self._duration(hold),
            begins=begins or self._agreed(goal),
        )


def _began(goal: Goal) -> datetime | None:
    """As it was decided."""
    return None if goal.why is None else goal.why.show_began
