"""The whole flow, seen from outside: HTTP in, documents in MongoDB, money held, events on Pusher channels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import requests

from ..servers import wait_until
from .conftest import COOLDOWN
from .platform import Platform

DEADLINE = 30.0
CONFLICT = "transaction_conflict"
TIME_TO_ANSWER = 12
"""Seconds in which the goal is created, told, bound and paid before it ends by itself."""


def test_the_whole_flow_on_real_servers(platform: Platform) -> None:
    viewer = platform.add_viewer()

    # POST -> 202
    response = platform.invite(viewer, seconds=TIME_TO_ANSWER, duration=90)
    assert response.status_code == 202, response.text
    answer = response.json()
    goal_id = answer["goal_id"]
    assert answer["transaction_id"] == f"session:trigger-private:{goal_id}:{viewer}"
    assert answer["amount"] == 90

    # goal.added on all three channels
    streamer = platform.streamer_id
    for channel in (f"presence-stream@{streamer}", f"private-stream@{streamer}", f"private-user@{streamer}"):
        event = platform.listener.wait_for("goal.added", channel, DEADLINE)
        assert event.data == {
            "goal_id": goal_id,
            "_cls": "TriggerPrivateGoal",
            "conditions": {"session_id": platform.session_id},
            "context": {"type": "trigger-private"},
            "session_id": platform.session_id,
            "streamer_id": streamer,
            "event_id": f"goal.added:{goal_id}",
        }

    # the goal and the bound session in the store
    goal = platform.goal(goal_id)
    assert goal is not None
    assert goal["active"] is True
    assert goal["_cls"] == "TriggerPrivateGoal"
    metadata = {"user_id": streamer, "triggered_by": viewer, "prepaid_duration": 90}
    assert {name: goal["metadata"][name] for name in metadata} == metadata
    assert int(goal["exp"].timestamp()) == answer["exp"]
    assert [str(element["goal"]) for element in platform.session()["trigger_private_goals"]] == [goal_id]

    # the hold in the wallet
    wait_until(platform.holds, DEADLINE, "the hold")
    (hold,) = platform.holds()
    assert (hold["transaction_id"], hold["amount"], hold["duration"]) == (answer["transaction_id"], 90, 90)
    assert platform.account(viewer)["available"] == 910

    # deactivate_goal at exp ends it
    wait_until(lambda: platform.session()["trigger_private_goals"][0].get("goal_ended"), DEADLINE, "goal_ended")
    ended = platform.goal(goal_id)
    assert ended is not None
    assert ended["active"] is False

    # the next POST is 429 with Retry-After, and 202 after the cooldown
    refused = platform.invite(viewer)
    assert refused.status_code == 429
    assert refused.json()["code"] == "cooldown"
    assert 1 <= int(refused.headers["Retry-After"]) <= COOLDOWN
    accepted = wait_until(accepting(platform, viewer), DEADLINE, "an answer other than 429")
    assert accepted.json()["goal_id"] != goal_id


def accepting(platform: Platform, viewer: str) -> Callable[[], requests.Response | None]:
    def invite() -> requests.Response | None:
        response = platform.invite(viewer)
        return response if response.status_code == 202 else None

    return invite


def test_fifty_viewers_at_once_make_one_goal_and_fifty_holds_D2(platform: Platform) -> None:
    viewers = [platform.add_viewer() for _ in range(50)]

    with ThreadPoolExecutor(50) as pool:
        responses = list(pool.map(platform.invite, viewers))

    assert Counter(response.status_code for response in responses) == {202: 50}
    assert len({response.json()["goal_id"] for response in responses}) == 1
    wait_until(lambda: len(platform.holds()) == 50, DEADLINE, "50 holds")
    wait_until(lambda: platform.session()["trigger_private_goals"], DEADLINE, "the goal in its session")
    assert all(len(platform.account(viewer)["holds"]) == 1 for viewer in viewers)
    assert len(platform.goals()) == 1
    assert len(platform.session()["trigger_private_goals"]) == 1


def test_two_viewers_who_click_twice_with_two_durations_are_each_promised_one_thing_D30(platform: Platform) -> None:
    viewers = [platform.add_viewer() for _ in range(2)]
    clicks = [(viewer, duration) for duration in (30, 90) * 8 for viewer in viewers]

    with ThreadPoolExecutor(len(clicks)) as pool:
        responses = list(pool.map(lambda click: platform.invite(click[0], duration=click[1]), clicks))

    assert {(one.status_code, one.json().get("code")) for one in responses} <= {(202, None), (409, CONFLICT)}
    told = {(one.json()["transaction_id"], one.json()["amount"]) for one in responses if one.status_code == 202}
    assert len(told) == 2, "a viewer was told two amounts"
    wait_until(lambda: len(platform.holds()) == 2, DEADLINE, "two holds")
    assert {(hold["transaction_id"], hold["amount"]) for hold in platform.holds()} == told


def test_one_viewer_fifty_times_at_once_is_held_once_D15(platform: Platform) -> None:
    viewer = platform.add_viewer()

    with ThreadPoolExecutor(50) as pool:
        responses = list(pool.map(lambda _: platform.invite(viewer), range(50)))

    assert Counter(response.status_code for response in responses) == {202: 50}
    assert len({response.json()["transaction_id"] for response in responses}) == 1
    wait_until(lambda: platform.goals() and platform.holds(), DEADLINE, "the goal and its hold")
    # The last of the fifty transfers has been delivered once one that was sent after all of them has.
    second = platform.add_viewer()
    platform.invite(second)
    wait_until(lambda: platform.account(second)["holds"], DEADLINE, "the later hold")
    assert len(platform.account(viewer)["holds"]) == 1
    assert platform.account(viewer)["available"] == 910
