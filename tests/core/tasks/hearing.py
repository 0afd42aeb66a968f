"""Invitations whose ends are told, what is told of them, and a channel service that fails."""

from __future__ import annotations

from collections.abc import Mapping

from show_goal.ports.notifier import Notification
from tests.world import World

from .crowds import before


def invite(world: World, *viewers: str) -> str:
    """Each of them pays. Returns the id of their goal."""
    goal_id = ""
    for viewer_id in viewers:
        goal_id = world.invite(viewer_id).goal_id
        world.run_due()
    return goal_id


def settled(world: World) -> list[tuple[Mapping[str, object], list[str]]]:
    return [(one.payload, [*one.channels]) for one in world.notified("goal.settled")]


def fail(world: World, error: Exception, event: str = "goal.settled", channel: str = "") -> None:
    """Let the channel service raise at each such event: to everybody, or to one channel."""

    def notify(notification: Notification) -> None:
        if notification.event == event and (not channel or channel in notification.channels):
            raise error

    before(world.notifier, "notify", notify)
