"""Every ending of a show under both settlement rules, from outside. A second costs one coin.

A second in a test is not exactly one: what was shown is what the goal's document says, and what it says is checked
against the test's own clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from math import ceil
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from bson import ObjectId
from pymongo.database import Database

from ..servers import Servers, wait_until
from .conftest import SETTINGS
from .metered import METERED, METERED_WEB
from .platform import GUNICORN, WORKER, Platform, running_platform
from .test_endings import answer, assert_clean, balance, paid, stored

DEADLINE = 60.0
LONG = 60
SLOW = 1.5
"""So many seconds may a request take on a busy machine."""

Costs = Mapping[str, int]
"""What each viewer pays."""


@frozen
class Show:
    """One show, and under which rule."""

    platform: Platform
    metered: bool

    def begin(self, **durations: int) -> tuple[str, dict[str, str]]:
        """The viewers have paid, the streamer has agreed and switched to sd. Returns the goal, and the viewers."""
        viewers = {name: self.platform.add_viewer() for name in durations}
        (goal_id,) = {paid(self.platform, viewers[name], duration=durations[name]) for name in durations}
        self.agree(goal_id, *viewers.values())
        self.switch("sd")
        return goal_id, viewers

    def agree(self, goal_id: str, *viewers: str) -> None:
        """Returns when the viewers are let in: who is let in after the show began pays from then on."""
        answer(self.platform, goal_id, agree=True)
        wait_until(lambda: not stored(self.platform, goal_id)["active"], DEADLINE, "the agreement")
        begins = partial(self.platform.passes().begins, self.platform.session_id, goal_id, viewers)
        wait_until(lambda: begins().keys() == {*viewers}, DEADLINE, "the passes")

    def switch(self, preset: str) -> None:
        assert self.platform.switch_preset(preset).status_code == 200

    def shown(self, goal_id: str, about: float) -> float:
        """So many seconds were shown, says the goal. The test's clock says about so many."""
        if not self.metered:
            return about
        intervals = stored(self.platform, goal_id)["on_sd"]
        seconds: float = sum((one["until"] - one["since"]).total_seconds() for one in intervals)
        assert about <= seconds < about + SLOW * 2 * len(intervals)
        return seconds

    def cost(self, amount: int, seconds: float) -> int:
        return min(amount, ceil(seconds)) if self.metered else amount


def left_early_for_good(show: Show) -> Costs:
    goal_id, viewers = show.begin(ann=LONG)
    wait(3)
    show.switch("preview")
    return {viewers["ann"]: show.cost(LONG, show.shown(goal_id, 3))}


def played_in_full(show: Show) -> Costs:
    _, viewers = show.begin(ann=9)
    wait(10)
    return {viewers["ann"]: 9}


def left_early_and_resumed(show: Show) -> Costs:
    goal_id, viewers = show.begin(ann=LONG)
    wait(3)
    show.switch("preview")
    wait(1)  # much less than GRACE
    show.switch("sd")
    wait(3)
    show.switch("preview")
    return {viewers["ann"]: show.cost(LONG, show.shown(goal_id, 6))}


def session_died(show: Show) -> Costs:
    """The host has reported a sign of life 4 s after the beginning, and finds later that it was the last."""
    _, viewers = show.begin(ann=LONG)
    wait(1)
    began = show.platform.session()["trigger_private_sd"]["since"]
    changes = {"active": False, "last_seen": began + timedelta(seconds=4)}
    show.platform.database.sessions.update_one({"_id": ObjectId(show.platform.session_id)}, {"$set": changes})
    return {viewers["ann"]: show.cost(LONG, 4)}


def never_begun(show: Show) -> Costs:
    viewer = show.platform.add_viewer()
    show.agree(paid(show.platform, viewer, duration=LONG), viewer)
    return {viewer: 0}


def two_viewers_with_different_durations(show: Show) -> Costs:
    goal_id, viewers = show.begin(ann=5, ben=LONG)
    wait(7)
    show.switch("preview")
    seconds = show.shown(goal_id, 7)
    return {viewers["ann"]: 5, viewers["ben"]: show.cost(LONG, seconds)}


def extension_bought_in_the_show(show: Show) -> Costs:
    """D37: its time begins when the time bought first is over."""
    _, viewers = show.begin(ann=10)
    show.agree(paid(show.platform, viewers["ann"], duration=LONG), viewers["ann"])
    wait(13)
    show.switch("preview")
    times = show.platform.session()["trigger_private_sd"]
    seconds = (times["until"] - times["since"]).total_seconds()
    return {viewers["ann"]: 10 + show.cost(LONG, seconds - 10)}


ENDINGS: list[Callable[[Show], Costs]] = [
    played_in_full,
    left_early_and_resumed,
    left_early_for_good,
    session_died,
    never_begun,
    two_viewers_with_different_durations,
    extension_bought_in_the_show,
]


@pytest.fixture(params=["whole_once_begun", "for_time_shown"])
def show(
    request: pytest.FixtureRequest, servers: Servers, mongo_database: Database[dict[str, Any]], tmp_path: Path
) -> Iterator[Show]:
    metered = request.param == "for_time_shown"
    web, worker = (METERED_WEB, (*WORKER, *METERED)) if metered else (GUNICORN, WORKER)
    settings = {**SETTINGS, "SHOW_GOAL_MONGODB_SESSION_LAST_SEEN": "last_seen"}
    with running_platform(
        servers, servers.rabbitmq_url, mongo_database, tmp_path, web, worker, settings=settings
    ) as platform:
        yield Show(platform, metered)


@pytest.mark.timeout(240)
def test_each_ending_costs_what_its_rule_says(show: Show) -> None:
    """All at once, each in its own session."""
    shows = [Show(show.platform.with_another_session(), show.metered) for _ in ENDINGS]
    with ThreadPoolExecutor(len(ENDINGS)) as pool:
        played = [pool.submit(ending, one) for ending, one in zip(ENDINGS, shows, strict=True)]
    costs = [one.result() for one in played]

    for ending, one, expected in zip(ENDINGS, shows, costs, strict=True):
        assert_paid(one.platform, expected, ending.__name__)
    assert_clean(*(one.platform for one in shows))


def assert_paid(platform: Platform, costs: Costs, ending: str) -> None:
    wait_until(lambda: not platform.holds(), DEADLINE, f"the end of {ending}")
    has = {user_id: balance(platform, user_id).available for user_id in (*costs, platform.streamer_id)}
    wanted = {viewer_id: 1_000 - cost for viewer_id, cost in costs.items()}
    assert has == {**wanted, platform.streamer_id: sum(costs.values())}, ending


def wait(seconds: float) -> None:
    until = datetime.now(UTC) + timedelta(seconds=seconds)
    wait_until(lambda: datetime.now(UTC) >= until, DEADLINE, f"{seconds} s of the show")
