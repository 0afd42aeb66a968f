"""The show of an agreed goal: its time on sd is recorded, and the settlement rule is asked what it costs."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from attrs import evolve, frozen

from ..ports.clock import Clock
from ..ports.goals import Goals
from ..ports.notifier import Notification, Notifier
from ..ports.passes import Passes
from ..ports.sessions import Sessions
from . import names
from .decision import Rule
from .errors import NotMetered, RuleFailed
from .model import Goal, Session
from .money import Hold
from .rules.on_sd import on_sd, session_over
from .rules.settlement import Deposit, Facts, ForTimeShown, SettlementRule, Verdict, name_of, nonsense
from .rules.states import may_earn, show_began
from .settings import Settings
from .trace import current, describe, observing

_log = logging.getLogger("show_goal.settlement")


@frozen(kw_only=True)
class Showing:
    goals: Goals
    sessions: Sessions
    passes: Passes
    notifier: Notifier
    rule: SettlementRule
    clock: Clock
    settings: Settings

    def metered(self, goal: Goal) -> bool:
        """Whether the goal's viewers pay for what was shown."""
        return goal._cls == names.TRIGGER_PRIVATE_GOAL and may_earn(goal) and self.rule.metered

    def record(self, goal: Goal, session: Session | None, now: datetime) -> Goal:
        """Record when the session was on sd, by compare-and-set. The caller tells that the show has begun.

        ``session`` was read after the goal, at ``now``. A worker that stalls after that must not take it for silent. It
        is read again if somebody else has recorded meanwhile: an older one would end time on sd that has begun since.
        Returns the stored goal. Late, repeated and reordered switches do no harm: the session says when they were.
        Raises StoreUnavailable.
        """
        while self.metered(goal):
            intervals = on_sd(goal, session, now, self.settings.settle_delay)
            if [*intervals] == [*goal.on_sd]:
                break
            stored = self.goals.record_on_sd(goal.id, goal.on_sd, intervals)
            if stored is None or stored.settlement is not None:
                break
            goal = stored
            if [*stored.on_sd] != [*intervals]:
                now, session = self.clock.now(), self.sessions.fetch(goal.session_id or "")
        return goal

    def tell_began(self, before: Goal, goal: Goal) -> None:
        """Tell that the show has begun, if that was recorded since ``before``. A sweep does not: money comes first."""
        if goal.on_sd and not before.on_sd:
            self.tell(names.SHOW_BEGAN, goal, {"began": goal.on_sd[0].since})

    def tell_ended(self, goal: Goal) -> None:
        """Tell that the show has ended, if there was one. Only once the money has moved (D44)."""
        if goal.on_sd:
            self.tell(names.SHOW_ENDED, goal, {"ended": goal.on_sd[-1].until})

    def so_far(self, goal: Goal, hold: Hold, session: Session | None) -> Verdict:
        """What the rule says of one hold at this moment. Changes nothing. Raises StoreUnavailable and RuleFailed."""
        now = self.clock.now()
        delay = self.settings.settle_delay
        seen = evolve(goal, on_sd=tuple(on_sd(goal, session, now, delay)))
        began = goal.show_began or show_began(goal, session, delay)
        facts = self.facts(seen, began, now, session_over(goal, session, now, delay))
        return self.verdicts(seen, [hold], facts)[hold.transaction_id]

    def facts(self, goal: Goal, began: datetime | None, now: datetime, session_over: datetime | None = None) -> Facts:
        """``began`` is when the show began (D40). Only for a goal that was agreed to."""
        return Facts(
            agreed=goal.agreed or now,
            due=(goal.ended or now) + self.settings.settle_delay,
            began=began,
            on_sd=goal.on_sd,
            session_over=session_over,
            now=now,
        )

    def verdicts(self, goal: Goal, holds: Sequence[Hold], facts: Facts) -> Mapping[str, Verdict]:
        """What the rule says of each hold, by transaction id. Raises StoreUnavailable and RuleFailed.

        Whose pass was taken back gets their money back: a refund has broken off there (D39).
        """
        viewers = [hold.from_user_id for hold in holds]
        begins = self.passes.begins(goal.session_id or "", goal.id, viewers) if viewers else {}
        taken_back = {viewer_id for viewer_id, at in begins.items() if at is None}
        refund = Verdict(due=facts.due, released=0, rule=Rule.NO_SHOW)
        return {
            hold.transaction_id: refund
            if hold.from_user_id in taken_back
            else self._ask(goal, facts, _deposit(goal, hold, facts, begins.get(hold.from_user_id)))
            for hold in holds
        }

    def settled(self, goal: Goal, holds: Sequence[Hold]) -> Mapping[str, Verdict]:
        """The same for a goal whose escrow is decided. Empty if the decision is all there is to say.

        A decision stands, also if this worker has another rule. Raises NotMetered, RuleFailed and
        StoreUnavailable.
        """
        if goal._cls != names.TRIGGER_PRIVATE_GOAL or goal.why is None:
            return {}
        if not self.rule.metered and goal.why.rule is Rule.FOR_TIME_SHOWN:
            raise NotMetered(f"goal {goal.id} is paid for by the time shown: this worker lacks the rule or the wallet")
        by_the_whole = goal.why.rule is Rule.SHOW_BEGAN and isinstance(self.rule, ForTimeShown)  # which never says that
        if by_the_whole or not self.rule.metered:
            return {}
        return self.verdicts(goal, holds, self.facts(goal, goal.why.show_began, self.clock.now()))

    def of_nobody(self, goal: Goal, facts: Facts) -> Verdict:
        """What the rule says where there is no deposit. Raises RuleFailed."""
        nobody = Deposit(viewer_id="", amount=0, duration=0, begins=facts.began or facts.agreed)
        return self._ask(goal, facts, nobody)

    def _ask(self, goal: Goal, facts: Facts, deposit: Deposit) -> Verdict:
        """What the host's rule says of a deposit. Raises RuleFailed, after an ERROR in the log."""
        try:
            verdict = self.rule(facts, deposit)
            why = nonsense(verdict, deposit)
        except Exception as error:
            failed = self._failed(goal, deposit, describe(error))
            raise failed from error
        if why is not None:
            raise self._failed(goal, deposit, why)
        return verdict

    def _failed(self, goal: Goal, deposit: Deposit, why: str) -> RuleFailed:
        whose = names.transaction_id(goal.id, deposit.viewer_id) if deposit.viewer_id else None
        text = f"the settlement rule {name_of(self.rule)} has failed for {whose or goal.id}: {why}"
        ids = {"goal_id": goal.id, "session_id": goal.session_id, "transaction_id": whose}
        observing(lambda: _log.error("goal %s of session %s: %s", goal.id, goal.session_id, text, extra=ids))
        return RuleFailed(text)

    def tell(self, event: str, goal: Goal, payload: Mapping[str, object]) -> None:
        """Tell the three channels. Nobody's money waits for it (D44)."""
        streamer_id = str(goal.streamer_id)  # an agreed goal has one
        told = Notification(
            id=f"{event}:{goal.id}",
            event=event,
            channels=names.announcement_channels(streamer_id),
            payload={"goal_id": goal.id, "session_id": goal.session_id, **payload},
        )
        try:
            self.notifier.notify(told)
        except Exception as error:
            current().left_out("notification", event, error)


def _deposit(goal: Goal, hold: Hold, facts: Facts, begins: datetime | None) -> Deposit:
    """A viewer whose pass is not written yet sees the show from its beginning."""
    show = facts.began or facts.agreed
    prepaid = goal.metadata.get("prepaid_duration")
    duration = hold.duration if hold.duration is not None else prepaid
    return Deposit(
        viewer_id=hold.from_user_id,
        amount=hold.amount,
        duration=duration if isinstance(duration, int) else 0,
        begins=show if begins is None else max(show, begins),
    )
