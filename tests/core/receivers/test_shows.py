"""Shows through the whole flow in memory: funded, bound, guarded, ended, paid for (L5, N1, N2, N4, N5, N7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from show_goal.adapters.memory import MemoryGoals, MemorySessions
from show_goal.core.errors import ShowRunning
from show_goal.core.events import GoalCreated
from show_goal.core.messages import DeactivateGoal, IncrementGoalProgress, SettleEscrow
from show_goal.core.model import Balance, Claim, Goal, Session, ShowGoalPair
from tests.builders import EXP, GOAL, GOAL_2, NOW, SESSION, STREAMER, VIEWER, VIEWER_2, a_create_goal, a_session
from tests.builders import a_transfer as private_transfer
from tests.world import World

SHOW = "60a100000000000000000005"

ANOTHER_SESSION = "5e5500000000000000000002"


def create_funding(world: World, goal_id: str = GOAL, **changes: Any) -> None:
    metadata = {"user_id": STREAMER}
    message = a_create_goal(goal_id=goal_id, _cls="ShowFundingGoal", context={}, metadata=metadata, **changes)
    world.container.create_goal()(message)


def create_show(world: World, goal_id: str = SHOW, funding_goal: str | None = GOAL, session_id: str = SESSION) -> None:
    context = {} if funding_goal is None else {"funding_goal_id": funding_goal}
    metadata = {"user_id": STREAMER}
    conditions = {"session_id": session_id}
    message = a_create_goal(
        goal_id=goal_id, _cls="ShowGoal", conditions=conditions, context=context, metadata=metadata, exp=None
    )
    world.container.create_goal()(message)


def end(world: World, goal_id: str = GOAL) -> None:
    world.container.deactivate_goal()(DeactivateGoal(goal_id=goal_id))


def pay(world: World, escrow_id: str, goal_id: str = GOAL, viewer_id: str = VIEWER) -> str:
    """Pay 90 into the goal's escrow, and have it count."""
    transaction_id = f"{escrow_id}:{viewer_id}"
    transfer = private_transfer(goal_id, viewer_id, transaction_id=transaction_id, tags=["shows"], escrow_id=escrow_id)
    world.container.transfer()(transfer)
    progress = IncrementGoalProgress(
        goal_id=goal_id, amount=1, cost=90, breakdown_id=viewer_id, insert_id=transaction_id
    )
    world.container.increment_goal_progress()(progress)
    return transaction_id


def pair(world: World) -> ShowGoalPair | None:
    return world.sessions.get(SESSION).show_goal_pair


def test_a_funding_goal_refuses_invitations_until_it_ends_D12(world: World) -> None:
    create_funding(world)
    with pytest.raises(ShowRunning):
        world.invite()

    end(world)

    assert world.invite().goal_id


def test_a_show_refuses_invitations_until_it_ends_D12(world: World) -> None:
    create_funding(world)
    create_show(world)
    end(world)
    with pytest.raises(ShowRunning):
        world.invite()

    end(world, SHOW)

    assert world.invite().goal_id
    assert pair(world) == ShowGoalPair(funding_goal=GOAL, funding_ended=NOW, show_goal=SHOW, show_ended=NOW)


def test_a_show_is_bound_to_its_funding_goal_and_announced_L5(world: World) -> None:
    create_funding(world)
    create_show(world)

    assert world.goal(GOAL).context == {"show_goal_id": SHOW}
    assert pair(world) == ShowGoalPair(funding_goal=GOAL, show_goal=SHOW)
    announced = [n.id for n in world.notifier.notifications if n.event == "goal.added"]
    assert announced == [f"goal.added:{GOAL}", f"goal.added:{SHOW}"]


def test_a_show_that_comes_before_its_funding_goal_waits_for_it_D19(world: World) -> None:
    with pytest.raises(ExceptionGroup, match="receivers of goal"):
        create_show(world)
    assert world.steps("create_goal", "receiver")[1:3] == [
        ("bind_show_goal_to_funding_goal", "skipped"),
        ("bind_show_goals_to_session", "failed"),
    ]

    create_funding(world)
    create_show(world)

    assert pair(world) == ShowGoalPair(funding_goal=GOAL, show_goal=SHOW)


def test_a_show_whose_funding_goal_is_created_and_not_yet_bound_waits_for_it_D19(world: World) -> None:
    world.goals.insert(Goal(id=GOAL, _cls="ShowFundingGoal", conditions={"session_id": SESSION}, exp=EXP))
    with pytest.raises(ExceptionGroup):
        create_show(world)

    create_funding(world)
    create_show(world)

    assert pair(world) == ShowGoalPair(funding_goal=GOAL, show_goal=SHOW)


class FundedMeanwhile(MemorySessions):
    """The funding goal finds its place just after the show has looked for it for the first time."""

    looked: Callable[[], object] = staticmethod(lambda: None)

    def bind_show_goal(self, *args: Any, **kwargs: Any) -> Session | None:
        session = super().bind_show_goal(*args, **kwargs)
        looked, self.looked = self.looked, lambda: None
        looked()
        return session


def test_a_show_that_finds_its_place_only_at_the_second_look_is_named_as_well_N7() -> None:
    sessions = FundedMeanwhile()
    world = World.make(sessions=sessions)
    sessions.add(a_session())
    sessions.looked = lambda: create_funding(world)

    create_show(world)

    assert sessions.show_goal_pairs(SESSION) == (ShowGoalPair(funding_goal=GOAL, show_goal=SHOW),)
    assert world.goal(GOAL).context == {"show_goal_id": SHOW}


def ended_session(world: World) -> None:
    create_funding(world)
    world.sessions.add(a_session(active=False))


def no_funding_goal_named(world: World) -> None:
    create_funding(world)


def funding_ended_unbound(world: World) -> None:
    world.goals.insert(Goal(id=GOAL, _cls="ShowFundingGoal", conditions={"session_id": SESSION}, active=False))


def another_show_was_quicker(world: World) -> None:
    create_funding(world)
    create_show(world, GOAL_2)


@pytest.mark.parametrize(
    "happened", [ended_session, no_funding_goal_named, funding_ended_unbound, another_show_was_quicker]
)
def test_a_show_that_has_no_place_is_ended_N1(world: World, happened: Callable[[World], None]) -> None:
    happened(world)
    create_show(world, funding_goal=None if happened is no_funding_goal_named else GOAL)
    world.run_due()

    assert not world.goal(SHOW).active
    assert f"goal.added:{SHOW}" not in [n.id for n in world.notifier.notifications]


def test_a_funding_goal_of_a_session_that_ended_is_ended_D24(world: World) -> None:
    world.sessions.add(a_session(active=False))
    create_funding(world)
    world.run_due()

    assert not world.goal(GOAL).active


class EndsWhileItIsBound(MemoryGoals):
    """Another worker ends the goal just as it gets its place, and has told so by the time."""

    def __init__(self, bound: Callable[[], object]) -> None:
        super().__init__()
        self._bound = bound

    def get(self, goal_id: str) -> Goal | None:
        return self.end(goal_id, NOW) if self._bound() else super().get(goal_id)


def test_a_goal_that_ends_while_it_is_bound_is_ended_in_the_session_too_N2(world: World) -> None:
    late = World.make(goals=EndsWhileItIsBound(lambda: pair(world)), sessions=world.sessions)
    create_funding(late)

    assert pair(world) == ShowGoalPair(funding_goal=GOAL, funding_ended=NOW)
    assert world.invite().goal_id


def test_a_goal_that_a_host_keeps_elsewhere_is_bound_by_its_signal_alone_D20(world: World) -> None:
    created: dict[str, Any] = {
        "active": True,
        "conditions": {"session_id": SESSION},
        "context": {},
        "levels": [],
        "nbf": None,
    }
    world.container.signals().send(GoalCreated(goal_id=GOAL, _cls="ShowFundingGoal", exp=EXP, **created))

    assert pair(world) == ShowGoalPair(funding_goal=GOAL)


# Levels


@pytest.mark.parametrize(
    ("levels", "completed"),
    [([], False), ([{"progress": 3}], False), ([{"progress": 2}], True), ([{"progress": 1}, {"progress": 2}], True)],
)
def test_a_funding_goal_is_complete_at_the_last_of_its_levels_N5(
    world: World, levels: list[object], completed: bool
) -> None:
    create_funding(world, levels=levels)
    for viewer_id in (VIEWER, VIEWER_2):
        pay(world, f"show_funding:{GOAL}", viewer_id=viewer_id)
    world.run_due()

    assert world.goal(GOAL).active is not completed
    assert (pair(world) == ShowGoalPair(funding_goal=GOAL, funding_ended=NOW)) is completed


@pytest.mark.parametrize("level", ["all of it", {"progress": None}, {}])
def test_levels_of_another_form_complete_nothing_N5(world: World, level: object) -> None:
    create_funding(world, levels=[level])
    pay(world, f"show_funding:{GOAL}")

    assert dict(world.steps("increment_goal_progress", "receiver"))["trigger_goal_complete"] == "skipped"


# Who may watch


def authorized(world: World) -> list[list[str]]:
    return [list(n.channels) for n in world.notifier.notifications if n.event == "stream.authorized"]


def preview(viewer_id: str) -> str:
    return f"presence-stream-viewer@{STREAMER}.preview.{viewer_id}"


def test_whoever_funded_a_show_may_watch_it_and_whoever_pays_later_too_N4(world: World) -> None:
    create_funding(world)
    pay(world, f"show_funding:{GOAL}")
    create_show(world)
    assert authorized(world) == [[preview(VIEWER)]]

    pay(world, f"show:{SHOW}", SHOW, VIEWER_2)

    assert authorized(world) == [[preview(VIEWER)], [preview(VIEWER_2)]]


def test_progress_without_a_payment_lets_nobody_in_N4(world: World) -> None:
    create_funding(world)
    create_show(world)
    progress = IncrementGoalProgress(goal_id=SHOW, amount=1, cost=0, breakdown_id=VIEWER, insert_id="a gift")
    world.container.increment_goal_progress()(progress)

    assert authorized(world) == []
    assert dict(world.steps("increment_goal_progress", "receiver"))["notify_viewer_change_stream_for_show"] == "skipped"


# The money


def settle(world: World, goal_id: str = GOAL) -> dict[str, int]:
    world.wait(60)
    assert world.goal(goal_id).settled
    assert world.wallet.audit(world.clock.now()).problems == []
    assert all(balance.held == 0 for balance in world.wallet.accounts().values())
    return {user_id: balance.available for user_id, balance in world.wallet.accounts().items()}


def test_a_funding_goal_that_has_its_show_is_released_N7(world: World) -> None:
    create_funding(world)
    pay(world, f"show_funding:{GOAL}")
    end(world)
    create_show(world)

    assert settle(world) == {VIEWER: 910, VIEWER_2: 1_000, STREAMER: 90}


def test_a_funding_goal_without_a_show_is_refunded_N7(world: World) -> None:
    create_funding(world)
    pay(world, f"show_funding:{GOAL}")
    end(world)

    assert settle(world) == {VIEWER: 1_000, VIEWER_2: 1_000}


def test_a_funding_goal_is_not_released_by_a_show_that_was_never_bound_N7(world: World) -> None:
    with pytest.raises(ExceptionGroup):
        create_show(world)  # before its funding goal is there
    end(world, SHOW)
    create_funding(world)
    pay(world, f"show_funding:{GOAL}")
    create_show(world)  # delivered again
    end(world)

    assert pair(world) == ShowGoalPair(funding_goal=GOAL, funding_ended=NOW)
    assert settle(world) == {VIEWER: 1_000, VIEWER_2: 1_000}


def test_of_two_shows_the_one_that_stands_in_the_pair_is_the_funding_goals_N1(world: World) -> None:
    """Another worker binds its show after this one has asked, and before it has written."""
    create_funding(world)
    world.sessions.bind_show_goal(SESSION, Claim(goal_id=GOAL_2, exp=None), NOW, funding_goal=GOAL)
    with pytest.raises(ExceptionGroup):
        create_show(world)
    create_show(world, GOAL_2)
    create_show(world)
    world.run_due()

    assert world.goal(GOAL).context == {"show_goal_id": GOAL_2}
    assert not world.goal(SHOW).active


def test_a_funding_goal_is_not_paid_out_for_a_show_that_has_no_place_N7(world: World) -> None:
    create_funding(world)
    pay(world, f"show_funding:{GOAL}")
    end(world)
    world.sessions.add(a_session(id=ANOTHER_SESSION))
    create_show(world, session_id=ANOTHER_SESSION)

    assert world.goal(GOAL).context == {}
    assert settle(world) == {VIEWER: 1_000, VIEWER_2: 1_000}


def test_a_funding_goal_whose_session_ended_is_refunded_in_spite_of_its_show_N7(world: World) -> None:
    create_funding(world)
    pay(world, f"show_funding:{GOAL}")
    create_show(world)
    end(world)
    world.sessions.add(a_session(active=False))

    assert settle(world) == {VIEWER: 1_000, VIEWER_2: 1_000}


@pytest.mark.parametrize(("agree", "streamer"), [(True, 90), (False, 0)])
def test_what_is_paid_for_a_show_is_released_when_the_streamer_agrees_N7(
    world: World, agree: bool, streamer: int
) -> None:
    create_funding(world)
    create_show(world)
    pay(world, f"show:{SHOW}", SHOW)
    world.answer(SHOW, agree)

    assert settle(world, SHOW).get(STREAMER, 0) == streamer


@pytest.mark.parametrize("_cls", ["ShowFundingGoal", "ShowGoal", "KaraokeGoal", "ExclusiveGoal", "FanClubGoal"])
def test_with_every_message_lost_one_sweep_refunds_any_class_L6(world: World, _cls: str) -> None:
    kinds = {"ShowFundingGoal": "show_funding", "ShowGoal": "show", "KaraokeGoal": "karaoke"}
    kinds |= {"ExclusiveGoal": "exclusive", "FanClubGoal": "fan_club"}
    escrow = f"{kinds[_cls]}:{GOAL}"
    goal = Goal(id=GOAL, _cls=_cls, conditions={"session_id": SESSION}, exp=EXP, metadata={"user_id": STREAMER})
    world.goals.insert(goal)
    world.container.transfer()(private_transfer(transaction_id="t", tags=["theirs"], escrow_id=escrow))
    world.task_queue.purge()
    world.clock.move_to(EXP + timedelta(seconds=60))

    assert world.sweep().settled == 1

    assert world.wallet.balance(VIEWER) == Balance(available=1_000)
    assert world.wallet.audit(world.clock.now()).problems == []


def test_the_sweep_tells_the_session_of_an_end_that_nobody_heard_of_D26(world: World) -> None:
    create_funding(world)
    world.task_queue.purge()
    world.goals.end(GOAL, NOW)  # and the worker died before its receivers
    world.clock.advance(timedelta(seconds=60))
    with pytest.raises(ShowRunning):
        world.invite()

    world.sweep()

    assert pair(world) == ShowGoalPair(funding_goal=GOAL, funding_ended=NOW)


def test_a_settlement_is_decided_once_whatever_show_comes_later_N7(world: World) -> None:
    create_funding(world)
    pay(world, f"show_funding:{GOAL}")
    end(world)
    world.wait(60)
    create_show(world)
    world.container.settle_escrow()(SettleEscrow(goal_id=GOAL))

    assert world.wallet.balance(VIEWER) == Balance(available=1_000)
