from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from show_goal.core.errors import NotLoggedIn, Refused, SessionNotFound
from show_goal.core.messages import AdmitViewers
from show_goal.core.model import Session, Viewer
from show_goal.core.money import HoldState
from show_goal.ports.errors import TaskQueueUnavailable, UnreadableDocument
from tests.builders import NOW, SESSION, STREAMER, VIEWER, VIEWER_2, a_session
from tests.world import World, meanwhile


@pytest.mark.parametrize(("before", "preset", "price"), [("preview", "sd", 60), ("sd", "preview", None)])
def test_streamer_switches_their_active_session_and_it_is_announced_with_the_price_L4(
    world: World, before: str, preset: str, price: int | None
) -> None:
    world.sessions.add(a_session(preset=before))

    switch = world.container.switch_preset()(Viewer(id=STREAMER), preset)

    assert (switch.session.preset, switch.from_preset) == (preset, before)
    assert world.sessions.get(SESSION).preset == preset
    ((signal, payload),) = world.sent("switch_preset")
    assert signal == "session.preset-changed"
    assert payload == {
        "streamer_id": STREAMER,
        "session_id": SESSION,
        "preset": preset,
        "from_preset": before,
        "price": price,
    }


@pytest.mark.parametrize(
    ("streamer", "active", "refusal"),
    [
        (Viewer(id=STREAMER), False, SessionNotFound),
        (Viewer(id=VIEWER), True, SessionNotFound),
        (None, True, NotLoggedIn),
    ],
)
def test_only_the_streamer_of_an_active_session_switches_L4(
    world: World, streamer: Viewer | None, active: bool, refusal: type[Refused]
) -> None:
    world.sessions.add(a_session(active=active))

    with pytest.raises(refusal):
        world.container.switch_preset()(streamer, "sd")


NEWER = "5e5500000000000000000009"


def test_newest_active_session_is_switched_D41(world: World) -> None:
    world.sessions.add(a_session(id=NEWER))
    world.sessions.add(a_session(id="5e55000000000000000000ff", active=False))

    assert world.container.switch_preset()(Viewer(id=STREAMER), "sd").session.id == NEWER


def test_session_with_an_agreed_goal_is_switched_before_a_newer_one_F8(world: World) -> None:
    goal_id = world.invite().goal_id
    world.run_due()
    world.sessions.add(a_session(id=NEWER))
    world.agree(goal_id)
    world.switch_preset("sd")

    assert (world.sessions.get(SESSION).preset, world.sessions.get(NEWER).preset) == ("sd", None)
    world.wait(60)
    assert world.available()[STREAMER] == 90
    world.switch_preset("sd")
    assert world.sessions.get(NEWER).preset == "sd", "the other one is paid"


def test_session_that_is_over_is_not_switched_whatever_was_agreed_D41(world: World) -> None:
    goal_id = world.invite().goal_id
    world.run_due()
    world.agree(goal_id)
    world.sessions.add(a_session(active=False))
    world.sessions.add(a_session(id=NEWER))

    assert world.container.switch_preset()(Viewer(id=STREAMER), "sd").session.id == NEWER


@pytest.fixture
def agreed(world: World) -> World:
    """VIEWER was let in at the agreement, 10 s ago. The session is on preview."""
    world.sessions.add(a_session(preset="preview"))
    goal_id = world.invite().goal_id
    world.run_due()
    world.agree(goal_id)
    world.clock.advance(timedelta(seconds=10))
    return world


def begins(world: World) -> datetime:
    viewer_pass = world.passes.find(SESSION, VIEWER)
    assert viewer_pass is not None
    return viewer_pass.nbf


def test_a_repeat_lets_viewers_in_although_the_queue_was_away_at_the_first_switch_D38(agreed: World) -> None:
    def away() -> None:
        raise TaskQueueUnavailable("away")

    meanwhile(agreed.task_queue, "trigger", away)
    with pytest.raises(TaskQueueUnavailable):
        agreed.switch_preset("sd")
    agreed.switch_preset("sd")
    agreed.run_due()
    assert begins(agreed) == NOW + timedelta(seconds=10)


def test_a_worker_that_is_quicker_than_the_request_lets_viewers_in_from_the_same_moment_D38(agreed: World) -> None:
    meanwhile(agreed.goals, "begin_show", agreed.run_due)
    agreed.switch_preset("sd")
    assert begins(agreed) == NOW + timedelta(seconds=10)
    assert not any(isinstance(message, AdmitViewers) for message in agreed.messages())


def unreadable(world: World, session_id: str) -> None:
    """As a document of which a host has broken a field."""
    fetch = world.sessions.fetch

    def read(asked: str) -> Session | None:
        if asked == session_id:
            raise UnreadableDocument(f"session {session_id}: pricing is a list")
        return fetch(asked)

    vars(world.sessions)["fetch"] = read


def test_a_session_that_cannot_be_read_keeps_no_other_show_from_beginning_D43(world: World) -> None:
    broken = world.invite().goal_id
    world.run_due()
    world.agree(broken)
    world.sessions.add(a_session(id=NEWER))
    goal_id = world.invite(VIEWER_2, NEWER).goal_id
    world.run_due()
    world.agree(goal_id)
    unreadable(world, SESSION)
    world.switch_preset("sd")
    assert world.goal(goal_id).show_began is not None
    assert [step for step in world.trace("switch_preset")["steps"] if "UnreadableDocument" in str(step)], "it is named"


def test_a_show_that_began_is_paid_for_although_its_session_cannot_be_read_any_more_D40(world: World) -> None:
    goal_id = world.invite().goal_id
    world.run_due()
    world.agree(goal_id)
    world.switch_preset("sd")
    unreadable(world, SESSION)
    world.wait(60)
    assert [hold.state for hold in world.wallet.holds()] == [HoldState.RELEASED]


def test_a_show_of_which_nothing_is_known_waits_for_its_session_D43(world: World) -> None:
    goal_id = world.invite().goal_id
    world.run_due()
    world.agree(goal_id)
    unreadable(world, SESSION)
    world.wait(60, quiet=True)
    assert [hold.state for hold in world.wallet.holds()] == [HoldState.HELD]
