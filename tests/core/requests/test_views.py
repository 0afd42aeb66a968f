from __future__ import annotations

from datetime import timedelta

import pytest

from show_goal.core.errors import GoalNotFound, InvalidInvitation, NotLoggedIn, Refused, SessionNotFound
from show_goal.core.model import Claim, Viewer
from show_goal.core.requests.views import GoalView, Preview
from show_goal.core.rules.states import GoalState
from tests.builders import EXP, NOW, SESSION, STREAMER, VIEWER, VIEWER_2
from tests.world import World


def preview(world: World, who: str | None = VIEWER, duration: int = 90, session_id: str = SESSION) -> Preview:
    viewer = Viewer(id=who) if who else None
    answer: Preview = world.container.preview_trigger_private()(session_id, viewer, duration)
    return answer


def view(world: World, goal_id: str, who: str | None) -> GoalView:
    answer: GoalView = world.container.view_goal()(goal_id, Viewer(id=who) if who else None)
    return answer


@pytest.fixture
def goal_id(world: World) -> str:
    """A goal that VIEWER has paid 90 for."""
    goal_id = world.invite().goal_id
    world.run_due()
    return goal_id


def test_preview_says_what_an_invitation_would_cost_and_changes_nothing(world: World) -> None:
    session, accounts = world.sessions.get(SESSION), world.wallet.accounts()

    assert preview(world) == Preview(amount=90, refusal=None, retry_at=None, ongoing=None)

    assert (world.sessions.get(SESSION), world.wallet.accounts()) == (session, accounts)
    assert world.messages() == []


def test_preview_has_the_ongoing_goal(world: World, goal_id: str) -> None:
    claim = Claim(goal_id=goal_id, exp=EXP, triggered_by=VIEWER, prepaid_duration=90, amount=90, since=NOW)
    assert preview(world, VIEWER_2).ongoing == claim


def test_preview_has_the_refusal_and_when_a_cooldown_ends(world: World, goal_id: str) -> None:
    world.wait(300)
    resting, own = preview(world, VIEWER_2), preview(world, STREAMER)

    assert resting.refusal is not None
    assert own.refusal is not None
    assert (resting.refusal.code, resting.amount, resting.retry_at) == ("cooldown", None, EXP + timedelta(seconds=60))
    assert (own.refusal.code, own.amount, own.retry_at) == ("own_session", None, None)


def test_preview_says_that_the_ongoing_goal_is_about_to_end_D31(world: World, goal_id: str) -> None:
    world.wait(291)
    late, own = preview(world, VIEWER_2), preview(world, VIEWER)

    assert late.refusal is not None
    assert (late.refusal.code, late.retry_at) == ("goal_ending", EXP)
    assert own.refusal is None, "who has paid may ask again"


@pytest.mark.parametrize("duration", [0, -1, 21_601])
def test_preview_of_a_duration_beyond_the_limits_is_refused_D7(world: World, duration: int) -> None:
    with pytest.raises(InvalidInvitation) as caught:
        preview(world, duration=duration)

    assert list(caught.value.errors) == ["duration"]


@pytest.mark.parametrize(
    ("who", "session_id", "refusal"), [(None, SESSION, NotLoggedIn), (VIEWER, "x", SessionNotFound)]
)
def test_preview_without_viewer_or_session_is_refused(
    world: World, who: str | None, session_id: str, refusal: type[Refused]
) -> None:
    with pytest.raises(refusal):
        preview(world, who, session_id=session_id)


def test_streamer_and_payers_see_the_goal_each_with_their_own_hold(world: World, goal_id: str) -> None:
    world.invite(VIEWER_2, duration=30)
    world.run_due()

    views = [view(world, goal_id, who) for who in (STREAMER, VIEWER, VIEWER_2)]

    assert [seen.hold and seen.hold.amount for seen in views] == [None, 90, 30]
    assert {seen.state for seen in views} == {GoalState.ONGOING}


def test_nobody_else_sees_the_goal(world: World, goal_id: str) -> None:
    with pytest.raises(GoalNotFound):
        view(world, goal_id, VIEWER_2)
    with pytest.raises(GoalNotFound):
        view(world, "unknown", VIEWER)
    with pytest.raises(NotLoggedIn):
        view(world, goal_id, None)


def test_refunded_payer_still_sees_the_goal(world: World, goal_id: str) -> None:
    world.wait(300)
    world.wait(60)

    seen = view(world, goal_id, VIEWER)

    assert seen.hold is not None
    assert (seen.state, seen.hold.state) == (GoalState.REFUNDED, "refunded")
