from __future__ import annotations

import pytest

from show_goal.core.errors import NotLoggedIn, SessionNotFound
from show_goal.core.model import Viewer
from tests.builders import SESSION, STREAMER, VIEWER, a_session
from tests.world import World


def test_streamer_switches_their_active_session_and_everybody_is_told_L4(world: World) -> None:
    world.sessions.add(a_session(preset="preview", pricing={"sd": 60}))

    switch = world.container.switch_preset()(Viewer(id=STREAMER), "sd")

    assert (switch.session.preset, switch.from_preset) == ("sd", "preview")
    assert world.sessions.get(SESSION).preset == "sd"
    (signal,) = world.trace("switch_preset")["steps"][-1:]
    assert signal["name"] == "session.preset-changed"
    assert signal["arguments"] == {
        "streamer_id": STREAMER,
        "session_id": SESSION,
        "preset": "sd",
        "from_preset": "preview",
        "price": 60,
    }


def test_preset_without_price_is_announced_without_one_L4(world: World) -> None:
    world.container.switch_preset()(Viewer(id=STREAMER), "preview")

    assert world.trace("switch_preset")["steps"][-1]["arguments"]["price"] is None


def test_somebody_without_an_active_session_switches_nothing_L4(world: World) -> None:
    world.sessions.add(a_session(active=False))

    for nobody in (Viewer(id=STREAMER), Viewer(id=VIEWER)):
        with pytest.raises(SessionNotFound):
            world.container.switch_preset()(nobody, "sd")
    with pytest.raises(NotLoggedIn):
        world.container.switch_preset()(None, "sd")
