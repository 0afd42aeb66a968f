"""Task ``admit_viewers``: let in a crowd's viewers, and tell them, in steps (D36, D43).

The receivers of ``goal.ended`` and ``goal.added`` do the first part themselves. This does the rest.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from attrs import evolve, frozen

from ...ports.clock import Clock
from ...ports.goals import Goals
from ...ports.notifier import Notifier
from ...ports.passes import Passes
from ...ports.sessions import Sessions
from ...ports.task_queue import TaskQueue
from ...ports.wallet import Wallet
from .. import names
from ..crowd import COUNTED, PART, Part, admit, authorize, funders_of
from ..errors import GoalUnknown
from ..messages import AdmitViewers
from ..model import Goal
from ..trace import Tracer, require

STEP = timedelta(seconds=3)
"""How long one run goes on: well under the soft time limit of a worker's tasks."""


@frozen(kw_only=True)
class AdmitViewersTask:
    goals: Goals
    sessions: Sessions
    wallet: Wallet
    passes: Passes
    notifier: Notifier
    task_queue: TaskQueue
    clock: Clock
    tracer: Tracer

    def __call__(self, message: AdmitViewers) -> None:
        """Do one part after the other. When ``STEP`` is over, ask for the next run, which goes on there.

        Each part is a unit of its own, so no trace grows with the crowd. Repeats are harmless. Final refusals:
        GoalUnknown. Retry on Unavailable; the retry begins with the first part of this run.
        """
        until = self.clock.now() + STEP
        while True:
            with self.tracer.unit("admit_viewers", goal_id=message.goal_id):
                goal = require(self.goals.get(message.goal_id), GoalUnknown)
                after = self._do(goal, message)
                if after is None:
                    return
                message = evolve(message, after=after)
                if self.clock.now() >= until:
                    self.task_queue.trigger(message)
                    return

    def _do(self, goal: Goal, message: AdmitViewers) -> str | None:
        """Do the part that begins at ``message.after``. Returns where the next one begins."""
        if goal._cls == names.SHOW_GOAL:
            return self._tell_funders(goal, message.after)
        if goal.agreed is None or goal.session_id is None:
            return None
        if goal.show_began is None and message.began is not None:
            goal = evolve(goal, show_began=datetime.fromisoformat(message.began))
        part = self._part(goal, message)
        admit(self.passes, goal, part.holds, self.clock.now())
        if message.tell and goal.streamer_id is not None:
            authorize(self.notifier, goal.id, goal.streamer_id, part.paying)
        return part.next

    def _part(self, goal: Goal, message: AdmitViewers) -> Part:
        escrow_id = names.escrow_id(goal.id)
        if message.transactions is not None:
            found = [self.wallet.find(transaction_id) for transaction_id in message.transactions]
            return Part(holds=[hold for hold in found if hold is not None])
        if message.after is not None and message.after.startswith(COUNTED):
            return Part()  # of an older message: only who has a hold has paid (D33)
        page = self.wallet.holds_of(escrow_id, PART, message.after)
        return Part(holds=page.items, next=page.next)

    def _tell_funders(self, show: Goal, after: str | None) -> str | None:
        session = self.sessions.fetch_active(show.session_id or "")
        if session is None:
            return None
        part = funders_of(self.wallet, self.goals, show.context, after)
        authorize(self.notifier, show.id, session.streamer_id, part.viewers)
        return part.next
