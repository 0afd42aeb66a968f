"""Shows that should be over for long, and of which the settlement rule does not say that they can be settled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from attrs import frozen

from ...ports.clock import Clock
from ...ports.goals import Goals
from ...ports.passes import Passes
from ...ports.wallet import Wallet
from .. import names
from ..crowd import PART
from ..model import Goal
from ..money import HoldState
from ..rules.settlement import SettlementRule, name_of
from ..tasks.deciding import LOOK_AGAIN

LONG = timedelta(hours=1)
"""So long after the time of the last viewer was over, a rule that still waits is named. It may wait on purpose."""
MOST = 1_000
"""So many goals are looked at, those first that ended first."""


@frozen(kw_only=True)
class Overlong:
    goals: Goals
    wallet: Wallet
    passes: Passes
    rule: SettlementRule
    clock: Clock

    def __call__(self, limit: int) -> Sequence[str]:
        """What to say of the first ``limit`` of them. Raises Unavailable."""
        found: list[str] = []
        for goal in self.goals.unsettled(self.clock.now() + LOOK_AGAIN, MOST).items:
            if len(found) < limit and (says := self.says(goal)) is not None:
                found.append(says)
        return found

    def says(self, goal: Goal) -> str | None:
        """What to say of the goal, None unless it is one of them. Raises Unavailable."""
        now = self.clock.now()
        at_least = _first_viewer_until(goal, now)
        if goal.postponed is None or now - at_least < LONG:
            return None
        until = max([at_least, *self._viewers_until(goal)])
        if now - until < LONG:
            return None
        rule = f"the settlement rule {name_of(self.rule)} does not say that its money is due"
        return f"The time of the viewers of goal {goal.id} was over at {until:%Y-%m-%d %H:%M:%S} UTC, and {rule}."

    def _viewers_until(self, goal: Goal) -> Iterator[datetime]:
        """When the time of each viewer is over whose money is held."""
        after: str | None = None
        more = True
        while more:
            page = self.wallet.holds_of(names.escrow_id(goal.id, goal._cls), PART, after)
            held = {hold.from_user_id: hold.duration or 0 for hold in page.items if hold.state is HoldState.HELD}
            for viewer_id, begins in self.passes.begins(goal.session_id or "", goal.id, held).items():
                if begins is not None:
                    yield begins + timedelta(seconds=held[viewer_id])
            after, more = page.next, page.next is not None


def _first_viewer_until(goal: Goal, now: datetime) -> datetime:
    """Until when the first viewer has paid at least. The goal says that itself."""
    bought = goal.metadata.get("prepaid_duration")
    return (goal.ended or now) + timedelta(seconds=bought if isinstance(bought, int) else 0)
