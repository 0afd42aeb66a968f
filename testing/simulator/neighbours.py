"""The host's other goals: shows, karaoke and exclusive shows, handled by the same tasks as private goals (L5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from ...core import names
from ...core.messages import CreateGoal, DeactivateGoal, IncrementGoalProgress, Message, Transfer
from ...core.model import Viewer
from .plan import pick
from .records import GoalRecord
from .world import World

CLASSES = (
    names.SHOW_FUNDING_GOAL,
    names.SHOW_GOAL,
    names.KARAOKE_GOAL,
    names.TRIGGER_EXCLUSIVE_GOAL,
    names.EXCLUSIVE_GOAL,
)
FOLLOWED = {
    names.SHOW_GOAL: (names.SHOW_FUNDING_GOAL, names.FUNDING_GOAL_ID),
    names.EXCLUSIVE_GOAL: (names.TRIGGER_EXCLUSIVE_GOAL, names.TRIGGER_EXCLUSIVE_GOAL_ID),
}
"""The class that a goal follows, and the key by which its context names that goal."""
LEVELS = {names.SHOW_FUNDING_GOAL: [{"progress": 2}], names.KARAOKE_GOAL: [{"progress": 1}, {"progress": 3}]}
TTLS = (15, 40, 90, 200, 200, 300, None)
AMOUNTS = (2, 5, 20)
TAG = "host::goal:"


class Neighbours:
    """Each method is the action of its name, as in ``Actors``. ``ask`` calls, and returns what to write of it."""

    def __init__(self, world: World, ask: Callable[[Callable[[], object]], str]) -> None:
        self._world = world
        self._ask = ask
        self._trigger = world.container.task_queue().trigger
        signal = world.container.namespace().signal(names.USER)
        signal.connect(self._count_payment, sender=names.BALANCE_DECREMENTED, weak=False)

    def create(self, which: int, session: int, how: int) -> str:
        """Create a goal of a neighbour class, by ``create_goal``."""
        world, ttl = self._world, pick(TTLS, how)
        where = pick(world.sessions, session)
        _cls, followed = self._following(pick(CLASSES, which), where.id, how)
        goal = world.records.goal(world.neighbour_ids.new())
        goal._cls, goal.session_id = _cls, where.id
        goal.exp = None if ttl is None else world.clock.now() + timedelta(seconds=ttl)
        goal.viewer_id = self._asked_by(_cls, how)
        context: dict[str, object] = {}
        if followed is not None:
            context, goal.follows = {FOLLOWED[_cls][1]: followed.id}, followed.id
            goal.viewer_id = followed.viewer_id if how % 8 else goal.viewer_id
        message = CreateGoal(
            goal_id=goal.id,
            active=True,
            _cls=_cls,
            conditions={"session_id": where.id},
            levels=LEVELS.get(_cls, []),
            context=context,
            metadata={"user_id": where.streamer_id, **({"triggered_by": goal.viewer_id} if goal.viewer_id else {})},
            exp=goal.exp,
        )
        said = f"{_cls} {goal.id} in {where.id} for {ttl} s" + "".join(f", {k} {v}" for k, v in context.items())
        return f"{said}: {self._send(message)}"

    def pay(self, which: int, viewer: int, how: int) -> str:
        """A viewer pays for a goal that has an exp (N7)."""
        goals = [goal for goal in self._latest(how) if goal.exp is not None]
        goal, payer = pick(goals[-4:], which), pick(self._world.viewers, viewer)
        escrow_id = names.escrow_id(goal.id, goal._cls)
        message = Transfer(
            goal_id=goal.id,
            transaction_id=f"{escrow_id}:{payer.id}",
            from_user_id=payer.id,
            to_user_id=self._streamer_of(goal).id,
            amount=pick(AMOUNTS, how),
            tags=[f"{TAG}{goal.id}"],
            escrow_id=escrow_id,
        )
        return f"{payer.id} pays {message.amount} for {goal._cls} {goal.id}: {self._send(message)}"

    def finish(self, which: int, how: int, _: int) -> str:
        """The streamer agrees or refuses, or the host ends a goal."""
        goal = pick(self._latest(how // 4)[-4:], which)
        if how % 4 == 0:
            return f"{goal._cls} {goal.id}: {self._send(DeactivateGoal(goal_id=goal.id))}"
        agree, answer_goal = how % 4 > 1, self._world.container.answer_goal()
        said = self._ask(lambda: answer_goal(goal.id, self._streamer_of(goal), agree))
        return f"{goal._cls} {goal.id}, agree {agree}: {said}"

    def _send(self, message: Message) -> str:
        return self._ask(lambda: self._trigger(message))

    def _asked_by(self, _cls: str, how: int) -> str | None:
        """The viewer of an exclusive show. Now and then the host forgets to say it."""
        exclusive = _cls in (names.TRIGGER_EXCLUSIVE_GOAL, names.EXCLUSIVE_GOAL)
        return pick(self._world.viewers, how // 7).id if exclusive and how % 10 else None

    def _following(self, _cls: str, session_id: str, how: int) -> tuple[str, GoalRecord | None]:
        """The class, and the goal to follow. If there is none to follow, the class that is missing.

        Now and then it follows none, one that already has its show, or one of another session.
        """
        if _cls not in FOLLOWED or how % 14 == 0:
            return _cls, None
        goals = self._world.records.neighbours
        others = [other for other in goals if other._cls == FOLLOWED[_cls][0]]
        if how % 9:
            followed = {goal.follows for goal in goals}
            others = [other for other in others if other.session_id == session_id and other.id not in followed]
        return (_cls, pick(others[-2:], how)) if others else (FOLLOWED[_cls][0], None)

    def _latest(self, how: int) -> list[GoalRecord]:
        """Mostly ongoing goals; now and then also those that are over."""
        goals, latest = self._world.records.neighbours, self._world.records.latest
        return [goal for goal in goals if not goal.over(latest)] if how % 6 else goals

    def _streamer_of(self, goal: GoalRecord) -> Viewer:
        return Viewer(id=self._world.records.session_of(goal).streamer_id)

    def _count_payment(
        self, _: str, *, user_id: str, amount: int, transaction_id: str, tags: Sequence[str], **__: object
    ) -> None:
        """The host's receiver: payments for its goals count, as in ``progress_trigger_goals`` (L1)."""
        for goal_id in [tag.removeprefix(TAG) for tag in tags if tag.startswith(TAG)]:
            self._trigger(
                IncrementGoalProgress(
                    goal_id=goal_id, amount=1, cost=amount, breakdown_id=user_id, insert_id=transaction_id
                )
            )
