"""Shows beside private goals, from outside: published as a platform publishes them, guarded at the route (D12, L5)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from bson import ObjectId

from show_goal.adapters.celery import CeleryTaskQueue
from show_goal.adapters.container import Container
from show_goal.core.messages import CreateGoal, DeactivateGoal, Message

from ..servers import wait_until
from .platform import Document, Platform


def publish(platform: Platform, *messages: Message) -> None:
    """What the platform's own code does: trigger the library's tasks at the broker."""
    queue = Container.from_env(platform.environment).task_queue()
    assert isinstance(queue, CeleryTaskQueue)
    with closing(queue):
        for message in messages:
            queue.trigger(message)


def begin(platform: Platform, _cls: str, **context: str) -> str:
    goal_id = str(ObjectId())
    message = CreateGoal(
        goal_id=goal_id,
        active=True,
        _cls=_cls,
        conditions={"session_id": platform.session_id},
        levels=[],
        context=context,
        metadata={"user_id": platform.streamer_id},
        exp=None,
    )
    publish(platform, message)
    return goal_id


def wait_for_pair(platform: Platform, told: Callable[[Document], object], what: str) -> None:
    wait_until(lambda: any(map(told, platform.session()["show_goal_pairs"])), 30, what)


def test_no_private_show_while_a_show_or_its_funding_goes_on_D12(platform: Platform) -> None:
    viewer = platform.add_viewer()

    def refused() -> bool:
        response = platform.invite(viewer)
        return (response.status_code, response.json().get("code")) == (403, "show_running")

    funding = begin(platform, "ShowFundingGoal")
    wait_for_pair(platform, lambda pair: str(pair["funding_goal"]) == funding, "the funding goal in its session")
    assert refused()
    added = platform.listener.wait_for("goal.added", f"private-stream@{platform.streamer_id}")
    assert (added.data["goal_id"], added.data["_cls"]) == (funding, "ShowFundingGoal")

    show = begin(platform, "ShowGoal", funding_goal_id=funding)
    wait_for_pair(platform, lambda pair: str(pair.get("show_goal")) == show, "the show in its session")
    linked = {"show_goal_id": show}
    wait_until(lambda: (platform.goal(funding) or {})["context"] == linked, 30, "the link to the show")
    publish(platform, DeactivateGoal(goal_id=funding))
    wait_for_pair(platform, lambda pair: pair.get("funding_ended"), "the end of the funding")
    assert refused(), "the show goes on"

    assert platform.answer(show, agree=True).status_code == 202
    wait_for_pair(platform, lambda pair: pair.get("show_ended"), "the end of the show")
    assert platform.invite(viewer).status_code == 202


def test_a_funding_goal_that_ends_by_itself_is_in_nobodys_way_D12(platform: Platform) -> None:
    viewer = platform.add_viewer()
    funding = begin(platform, "ShowFundingGoal")
    wait_for_pair(platform, lambda pair: str(pair["funding_goal"]) == funding, "the funding goal in its session")
    assert platform.invite(viewer).json()["code"] == "show_running"

    publish(platform, DeactivateGoal(goal_id=funding))
    wait_for_pair(platform, lambda pair: pair.get("funding_ended"), "the end of the funding")

    response = platform.invite(viewer)
    assert response.status_code == 202, response.text
