"""``GET /goals/<id>`` during a show that is paid for by its time: what it costs so far. A second costs 1."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from show_goal.adapters.flask import create_app
from show_goal.core.model import Viewer
from show_goal.core.rules.settlement import Deposit, Facts, ForTimeShown, SettlementRule, Verdict
from tests.builders import VIEWER, a_session
from tests.world import World


class Fails:
    """A host's rule that raises."""

    metered = True

    def __call__(self, facts: Facts, deposit: Deposit) -> Verdict:
        raise RuntimeError(f"what is {deposit.amount} at {facts.now}?")


def seen(rule: SettlementRule) -> TestResponse:
    """What the viewer sees who has paid for 90 s, 30 s after the show began."""
    world = World.make(settlement_rule=rule)
    world.sessions.add(a_session(preset="sd"))
    goal_id = world.invite(duration=90).goal_id
    world.run_due()
    world.agree(goal_id)
    world.wait(30)
    return create_app(world.container, lambda: Viewer(id=VIEWER)).test_client().get(f"/goals/{goal_id}")


def test_viewer_sees_what_the_show_costs_so_far() -> None:
    goal = seen(ForTimeShown()).get_json()
    assert goal["state"] == "showing"
    assert goal["show"] == {"seconds_shown": 30, "seconds_left": 60, "cost": 30}


def test_viewer_sees_the_goal_although_the_hosts_rule_fails(caplog: pytest.LogCaptureFixture) -> None:
    response = seen(Fails())
    goal = response.get_json()
    assert (response.status_code, goal["state"], "show" in goal) == (200, "showing", False)
    assert goal["hold"]["amount"] == 90
    assert [record.levelname for record in caplog.records if record.name == "show_goal.settlement"] == ["ERROR"]
