from __future__ import annotations

import pytest

from show_goal.core.errors import NotLoggedIn, Refused, SessionNotFound
from show_goal.core.model import Viewer
from tests.builders import SESSION, STREAMER, VIEWER, a_session
from tests.world import World


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
