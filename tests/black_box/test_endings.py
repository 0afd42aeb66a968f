"""Every ending of a private goal, from outside: HTTP in, money in MongoDB, events on Pusher channels (L2 to L6)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from pymongo.database import Database

from show_goal.core.money import Balance
from show_goal.core.names import announcement_channels, preview_channel, user_channel

from ..servers import Servers, wait_until
from .conftest import COOLDOWN, SETTINGS, SETTLE_DELAY
from .platform import Platform, running_platform

DEADLINE = 30.0
TIME_TO_ANSWER = 12


@pytest.fixture
def lonely_platform(servers: Servers, mongo_database: Database[dict[str, Any]], tmp_path: Path) -> Iterator[Platform]:
    """A platform whose worker the test stops."""
    with running_platform(servers, servers.rabbitmq_url, mongo_database, tmp_path, settings=SETTINGS) as platform:
        yield platform


def test_every_ending_on_real_servers_L3(platform_on_rabbitmq: Platform) -> None:
    """All at once, each in its own session, so the test waits for their delays together."""
    endings = [
        agreed_and_sd_is_released,
        show_over_before_the_settlement_is_released,
        agreed_and_never_sd_is_refunded,
        refused_is_refunded_and_rests,
        expired_is_refunded,
        three_joiners_get_back_each_their_own,
        session_that_ended_in_between_is_refunded,
    ]
    platforms = [platform_on_rabbitmq.with_another_session() for _ in endings]
    with ThreadPoolExecutor(len(endings)) as pool:
        played = [pool.submit(ending, platform) for ending, platform in zip(endings, platforms, strict=True)]
    for ending in played:
        ending.result()
    assert_clean(*platforms)


def test_money_that_is_gone_before_it_is_held_ends_the_goal_and_its_viewer_hears_so_D33_D34(
    platform_on_rabbitmq: Platform,
) -> None:
    platform = platform_on_rabbitmq
    viewer, other = platform.add_viewer(90), platform.add_viewer()
    listen(platform, viewer)
    platform.worker.pause()
    try:
        goal_id = platform.invite(viewer).json()["goal_id"]
        platform.wallet().withdraw(f"spent by {viewer}", viewer, 90)
    finally:
        platform.worker.resume()

    lapsed = platform.listener.wait_for("invitation.lapsed", user_channel(viewer), DEADLINE)
    assert (lapsed.data["goal_id"], lapsed.data["reason"]) == (goal_id, "insufficient_balance")
    wait_until(lambda: not stored(platform, goal_id)["active"], DEADLINE, "the end of the goal")
    refused = platform.answer(goal_id, agree=True)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_paid")
    wait_until(lambda: not platform.session()["trigger_private_goals"], DEADLINE, "the goal to leave its session")
    assert platform.invite(other).status_code == 202, "no cooldown"


def test_agreed_and_sd_is_released_on_redis_L3(platform_on_redis: Platform) -> None:
    agreed_and_sd_is_released(platform_on_redis)
    assert_clean(platform_on_redis)


def test_all_timers_lost_one_sweep_ends_and_settles_everything_D26(lonely_platform: Platform) -> None:
    platform = lonely_platform
    agreed, expired = platform, platform.with_another_session()
    payer, loser = agreed.add_viewer(), expired.add_viewer()
    agreed_goal = paid(agreed, payer)
    agreed.switch_preset("sd")
    expired_goal = paid(expired, loser, seconds=TIME_TO_ANSWER)
    agreed.answer(agreed_goal, agree=True)
    wait_until(lambda: not stored(agreed, agreed_goal)["active"], DEADLINE, "the end of the agreed goal")

    platform.worker.stop()
    purge(platform)
    due = stored(expired, expired_goal)["exp"] + timedelta(seconds=SETTLE_DELAY)
    wait_until(lambda: datetime.now(UTC) > due, DEADLINE, "exp + settle_delay")
    assert stored(expired, expired_goal)["active"], "nobody is left to end it"

    swept = json.loads(platform.run("sweep", "--json"))

    assert (swept["ended"], swept["settled"], swept["failures"]) == (1, 2, [])
    assert balance(agreed, agreed.streamer_id) == Balance(available=90)
    assert balance(agreed, payer) == Balance(available=910)
    assert balance(expired, loser) == Balance(available=1_000)
    assert_clean(agreed, expired)


# The endings


def agreed_and_sd_is_released(platform: Platform) -> None:
    viewer = platform.add_viewer()
    preview = listen(platform, viewer)
    goal_id = paid(platform, viewer)

    answer(platform, goal_id, agree=True)
    assert platform.switch_preset("sd").status_code == 200

    for channel in announcement_channels(platform.streamer_id):
        ended = platform.listener.wait_for("goal.ended", channel, DEADLINE)
        assert (ended.data["goal_id"], ended.data["active"]) == (goal_id, False)
        assert ended.data["agreed"] is not None
    authorized = platform.listener.wait_for("stream.authorized", preview, DEADLINE)
    assert (authorized.data["goal_id"], authorized.data["streamer_id"]) == (goal_id, platform.streamer_id)
    wait_for_balance(platform, platform.streamer_id, 90)
    assert balance(platform, viewer) == Balance(available=910)
    assert_told(platform, viewer, goal_id, "released")
    own = {"session_id": platform.session_id, "viewer_id": viewer}
    admitted = wait_until(lambda: platform.database["passes"].find_one({"_id": own}), DEADLINE, "the viewer's pass")
    assert admitted["duration"] == 90
    assert platform.session()["trigger_private_goals"][0]["goal_agreed"] is not None


def show_over_before_the_settlement_is_released(platform: Platform) -> None:
    """D40."""
    viewer = platform.add_viewer()
    goal_id = paid(platform, viewer)
    answer(platform, goal_id, agree=True)
    wait_until(lambda: not stored(platform, goal_id)["active"], DEADLINE, "the end of the goal")
    for preset in ("sd", "preview"):
        assert platform.switch_preset(preset).status_code == 200
    assert stored(platform, goal_id)["settlement"] is None, "the show is over before the settlement"
    wait_for_balance(platform, platform.streamer_id, 90)
    assert why(platform, goal_id, viewer) == "show_began"


def agreed_and_never_sd_is_refunded(platform: Platform) -> None:
    """And the pass is taken back (D39)."""
    viewer = platform.add_viewer()
    preview = listen(platform, viewer)
    goal_id = paid(platform, viewer)
    answer(platform, goal_id, agree=True)
    platform.listener.wait_for("stream.authorized", preview, DEADLINE)
    wait_for_balance(platform, viewer, 1_000)
    assert balance(platform, platform.streamer_id) == Balance()
    assert platform.listener.wait_for("stream.unauthorized", preview, DEADLINE).data["goal_id"] == goal_id
    assert_told(platform, viewer, goal_id, "refunded")
    assert platform.passes().find(platform.session_id, viewer) is None
    assert why(platform, goal_id, viewer) == "no_show"


def refused_is_refunded_and_rests(platform: Platform) -> None:
    viewer = platform.add_viewer()
    goal_id = paid(platform, viewer)
    answer(platform, goal_id, agree=False)

    for channel in announcement_channels(platform.streamer_id):
        ended = platform.listener.wait_for("goal.ended", channel, DEADLINE)
        assert (ended.data["goal_id"], ended.data["agreed"]) == (goal_id, None)
    again = platform.invite(viewer)
    assert (again.status_code, again.json()["code"]) == (429, "cooldown")
    assert 1 <= int(again.headers["Retry-After"]) <= COOLDOWN
    assert platform.answer(goal_id, agree=True).status_code == 409
    wait_for_balance(platform, viewer, 1_000)


def expired_is_refunded(platform: Platform) -> None:
    viewer = platform.add_viewer()
    goal_id = paid(platform, viewer, seconds=TIME_TO_ANSWER)
    wait_for_balance(platform, viewer, 1_000)
    assert stored(platform, goal_id)["active"] is False


def three_joiners_get_back_each_their_own(platform: Platform) -> None:
    viewers = {platform.add_viewer(amount): duration for amount, duration in [(100, 90), (200, 30), (300, 7)]}
    goals = {paid(platform, viewer, duration=duration) for viewer, duration in viewers.items()}
    (goal_id,) = goals
    assert [balance(platform, viewer).held for viewer in viewers] == [90, 30, 7]

    answer(platform, goal_id, agree=False)

    for viewer, amount in zip(viewers, (100, 200, 300), strict=True):
        wait_for_balance(platform, viewer, amount)


def session_that_ended_in_between_is_refunded(platform: Platform) -> None:
    viewer = platform.add_viewer()
    goal_id = paid(platform, viewer)
    platform.switch_preset("sd")
    platform.end_session()
    refused = platform.answer(goal_id, agree=True)
    assert (refused.status_code, refused.json()["code"]) == (409, "session_over")
    platform.run("sweep")  # it ends the goal (D42)
    wait_for_balance(platform, viewer, 1_000)
    assert balance(platform, platform.streamer_id) == Balance()


# What they are made of


def paid(platform: Platform, viewer: str, *, seconds: int = 60, duration: int = 90) -> str:
    """The goal of an invitation, once the viewer's money is in its escrow and counts."""
    response = platform.invite(viewer, seconds=seconds, duration=duration)
    assert response.status_code == 202, response.text
    goal_id: str = response.json()["goal_id"]
    wait_until(lambda: platform.counts(goal_id, viewer), DEADLINE, f"the progress of {goal_id}")
    return goal_id


def listen(platform: Platform, viewer: str) -> str:
    """Hear what only the viewer hears. Returns their preview channel."""
    preview = preview_channel(platform.streamer_id, viewer)
    platform.listener.subscribe(preview, user_id=viewer)
    platform.listener.subscribe(user_channel(viewer))
    return preview


def assert_told(platform: Platform, viewer: str, goal_id: str, state: str) -> None:
    """The viewer hears of their own 90, the streamer of 90 in all (D34)."""
    for user_id, amount in (viewer, "amount"), (platform.streamer_id, "total"):
        told = platform.listener.wait_for("goal.settled", user_channel(user_id), DEADLINE).data
        assert {name: told[name] for name in ("goal_id", "state", amount)} == {
            "goal_id": goal_id,
            "state": state,
            amount: 90,
        }


def why(platform: Platform, goal_id: str, viewer: str) -> str:
    """Which rule decided, as the viewer sees it (D35)."""
    rule: str = platform.view(goal_id, viewer).json()["why"]["rule"]
    return rule


def answer(platform: Platform, goal_id: str, *, agree: bool) -> None:
    response = platform.answer(goal_id, agree=agree)
    assert response.status_code == 202, response.text


def stored(platform: Platform, goal_id: str) -> dict[str, Any]:
    goal = platform.goal(goal_id)
    assert goal is not None
    return goal


def balance(platform: Platform, user_id: str) -> Balance:
    return platform.wallet().balance(user_id)


def wait_for_balance(platform: Platform, user_id: str, available: int) -> None:
    expected = Balance(available=available)
    wait_until(lambda: balance(platform, user_id) == expected, DEADLINE, f"{user_id} to have {available}")


def assert_clean(*platforms: Platform) -> None:
    """Nothing is held for these sessions any more, and the audit of all money finds no problem (L6)."""
    assert [platform.holds() for platform in platforms] == [[]] * len(platforms)
    audit = platforms[0].wallet().audit(datetime.now(UTC) - timedelta(minutes=2))
    assert [*audit.problems] == []


def purge(platform: Platform) -> None:
    """Lose every message, timers included: the worker that had taken them is gone."""
    with Celery(broker=platform.environment["SHOW_GOAL_BROKER_URL"]).connection_for_write() as connection:
        connection.default_channel.queue_purge(platform.environment["SHOW_GOAL_QUEUE"])
