from __future__ import annotations

import pytest

from show_goal.core.errors import GoalNotFound, InvalidInvitation, NotLoggedIn, SessionNotFound
from show_goal.core.model import Claim, Viewer
from show_goal.core.requests.views import GoalView, Preview
from show_goal.core.rules.states import GoalState
from tests.builders import EXP, SESSION, STREAMER, VIEWER, VIEWER_2
from tests.world import World

ALICE = Viewer(id=VIEWER)
BOB = Viewer(id=VIEWER_2)


def preview(world: World, viewer: Viewer | None = ALICE, duration: int = 90) -> Preview:
    answer = world.container.preview_trigger_private()(SESSION, viewer, duration)
    assert isinstance(answer, Preview)
    return answer


def view(world: World, goal_id: str, asker: Viewer | None) -> GoalView:
    answer = world.container.view_goal()(goal_id, asker)
    assert isinstance(answer, GoalView)
    return answer


def test_preview_tells_the_price_that_an_invitation_would_cost(world: World) -> None:
    assert preview(world) == Preview(amount=90, refusal=None, retry_at=None, ongoing=None)


def test_preview_tells_the_ongoing_goal_after_a_reconnect(world: World) -> None:
    goal_id = world.invite(VIEWER).goal_id
    world.run_due()

    assert preview(world, BOB).ongoing == Claim(goal_id=goal_id, exp=EXP, triggered_by=VIEWER, prepaid_duration=90)


def test_preview_tells_the_refusal_and_until_when(world: World) -> None:
    world.invite(VIEWER)
    world.run_due()
    world.wait(300)

    answer = preview(world, BOB)

    assert answer.refusal is not None
    assert (answer.refusal.code, answer.amount) == ("cooldown", None)
    assert answer.retry_at is not None
    assert (answer.retry_at - EXP).total_seconds() == 60


def test_preview_of_a_refusal_without_an_end_tells_none(world: World) -> None:
    answer = preview(world, Viewer(id=STREAMER))

    assert answer.refusal is not None
    assert (answer.refusal.code, answer.retry_at) == ("own_session", None)


def test_preview_changes_nothing(world: World) -> None:
    session, accounts = world.sessions.get(SESSION), world.wallet.accounts()

    preview(world)

    assert (world.sessions.get(SESSION), world.wallet.accounts()) == (session, accounts)
    assert world.task_queue.queued() == []


@pytest.mark.parametrize("duration", [0, -1, 21_601])
def test_preview_of_a_duration_beyond_the_limits_is_refused_D7(world: World, duration: int) -> None:
    with pytest.raises(InvalidInvitation) as caught:
        preview(world, duration=duration)

    assert list(caught.value.errors) == ["duration"]


def test_preview_without_viewer_or_session_is_refused(world: World) -> None:
    with pytest.raises(NotLoggedIn):
        preview(world, None)
    with pytest.raises(SessionNotFound):
        world.container.preview_trigger_private()("nowhere", ALICE, 90)


def test_goal_is_shown_to_its_streamer_and_its_payers_each_their_own_hold(world: World) -> None:
    goal_id = world.invite(VIEWER, duration=90).goal_id
    world.invite(VIEWER_2, duration=30)
    world.run_due()

    streamers, alices, bobs = (view(world, goal_id, who) for who in (Viewer(id=STREAMER), ALICE, BOB))

    assert streamers.hold is None
    assert alices.hold is not None
    assert bobs.hold is not None
    assert (alices.hold.amount, bobs.hold.amount) == (90, 30)
    assert {seen.state for seen in (streamers, alices, bobs)} == {GoalState.ONGOING}


def test_goal_is_shown_to_nobody_else(world: World) -> None:
    goal_id = world.invite(VIEWER).goal_id
    world.run_due()

    with pytest.raises(GoalNotFound):
        view(world, goal_id, BOB)
    with pytest.raises(GoalNotFound):
        view(world, "unknown", ALICE)
    with pytest.raises(NotLoggedIn):
        view(world, goal_id, None)


def test_refunded_payer_still_sees_the_goal(world: World) -> None:
    goal_id = world.invite(VIEWER).goal_id
    world.run_due()
    world.wait(300)
    world.wait(60)

    seen = view(world, goal_id, ALICE)

    assert seen.state is GoalState.REFUNDED
    assert seen.hold is not None
    assert seen.hold.state == "refunded"
