"""The routes on a platform in memory, with a logged-in viewer.

The client checks that every response is as it is described, and that a refusal has changed nothing.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from attrs import define, field
from flask import Flask
from werkzeug.test import TestResponse

from show_goal.adapters.flask import create_app
from show_goal.adapters.memory import MemoryClock, MemoryTaskQueue
from show_goal.core.messages import Message
from show_goal.core.model import Claim, Session, ShowGoalPair, Viewer
from show_goal.ports.errors import TaskQueueUnavailable
from tests.builders import GOAL, NOW, SESSION, STREAMER, VIEWER, a_body, a_session, a_viewer
from tests.world import World

from .described import DescribedClient

PATH = f"/sessions/{SESSION}/trigger_private"
MISSING = PATH.replace("5e55", "ffff")
"""The route to a session that does not exist."""
CALLBACK = "/notify/wallet/transaction"
SIGNATURE = "X-Wallet-Signature"
FORM = "application/x-www-form-urlencoded"
KEY = "the wallet's key, new"
OLD_KEY = "the wallet's key, old"
POOR = "71e0000000000000000000ff"
"""A viewer without money."""


def refusal(response: TestResponse) -> tuple[int, str]:
    """Status and code of a problem document."""
    assert response.content_type == "application/problem+json"
    assert response.get_json()["status"] == response.status_code
    return response.status_code, response.get_json()["code"]


def a_report_body(**changes: Any) -> dict[str, Any]:
    """The JSON of ``tests.builders.a_report``, as the wallet sends it."""
    values = {
        "id": f"session:trigger-private:{GOAL}:{VIEWER}",
        "ts": int(NOW.timestamp()),
        "fromAccount": VIEWER,
        "fromAmount": 90,
        "toAccount": None,
        "toAmount": None,
        "tags": [f"swag::livestream.session:{SESSION}.trigger_private:{GOAL}"],
    }
    return {**values, **changes}


def signature(data: bytes, key: str = KEY) -> str:
    return f"sha256={hmac.new(key.encode(), data, 'sha256').hexdigest()}"


class DeadTaskQueue(MemoryTaskQueue):
    """No message reaches the broker."""

    def __init__(self) -> None:
        super().__init__(MemoryClock())

    def trigger(self, message: Message, *, eta: datetime | None = None) -> None:
        raise TaskQueueUnavailable("amqp://show:hunter2@mq.example:5672 timed out")


@define
class Site:
    world: World = field(factory=lambda: World.make(wallet_keys=[KEY, OLD_KEY]))
    viewer: Viewer | None = field(factory=a_viewer)
    app: Flask = field(init=False)
    client: DescribedClient = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.app = create_app(self.world.container, current_user=lambda: self.viewer)
        self.client = DescribedClient(self.app, self.app.response_class)
        self.client.stores = self.stores

    @classmethod
    def of(cls, **replaced: Any) -> Site:
        """``replaced`` swaps ports by name."""
        return cls(World.make(**{"wallet_keys": [KEY, OLD_KEY], **replaced}))

    def post(self, body: object = None, *, path: str = PATH, **options: Any) -> TestResponse:
        """A valid invitation, unless ``body`` (sent as JSON; bytes and strings as they are) or ``options`` differ."""
        return self.client.post(path, **{**_json(a_body() if body is None else body), **options})

    def preview(self, query: str = "duration=90", *, path: str = PATH) -> TestResponse:
        return self.client.get(f"{path}?{query}")

    def answer(self, goal_id: str, body: object = None, **options: Any) -> TestResponse:
        """The streamer agrees, unless ``body`` or ``options`` differ."""
        sent = _json({"agree": True} if body is None else body)
        return self.client.delete(f"/goals/{goal_id}", **{**sent, **options})

    def goal(self, goal_id: str, **options: Any) -> TestResponse:
        return self.client.get(f"/goals/{goal_id}", **options)

    def switch(self, preset: str, **options: Any) -> TestResponse:
        return self.client.patch(f"/streams/me/preset/{preset}", **options)

    def report(self, body: object = None, *, key: str = KEY, header: str | None = None, **options: Any) -> TestResponse:
        """The wallet's callback, signed with ``key``, unless ``header`` is another signature."""
        data = _json(a_report_body() if body is None else body)["data"]
        signed = {f"HTTP_{SIGNATURE.replace('-', '_').upper()}": signature(data, key) if header is None else header}
        environ = {**signed, **options.pop("environ_overrides", {})}
        return self.client.post(CALLBACK, data=data, environ_overrides=environ, **options)

    def listen(self, channel: str = "private-x", socket_id: str = "123.456", **options: Any) -> TestResponse:
        """What pusher-js sends before it listens, unless ``options`` differ."""
        form = {"socket_id": socket_id, "channel_name": channel}
        return self.client.post("/pusher/auth", **{"data": form, **options})

    def as_user(self, user_id: str) -> Site:
        self.viewer = a_viewer(id=user_id)
        return self

    def logged_out(self) -> Site:
        self.viewer = None
        return self

    def with_session(self, **changes: Any) -> Site:
        self.world.sessions.add(a_session(**changes))
        return self

    def paid(self) -> str:
        """The viewer invites and pays. Returns the goal's id."""
        goal_id: str = self.post().get_json()["goal_id"]
        self.world.run_due()
        return goal_id

    def stores(self) -> tuple[object, ...]:
        """Everything that a request could change, except ids."""
        world = self.world
        return (
            world.sessions.get(SESSION),
            world.sessions.private_goals(SESSION),
            world.goals.all(),
            world.wallet.accounts(),
            world.wallet.holds(),
            world.task_queue.queued(),
            list(world.notifier.notifications),
        )


def _json(body: object) -> dict[str, Any]:
    data = body.encode() if isinstance(body, str) else body
    return {"data": data if isinstance(data, bytes) else json.dumps(data).encode(), "content_type": "application/json"}


def blocked(site: Site) -> None:
    site.viewer = a_viewer(tags=[f"blocked-by:{STREAMER}"])


def no_price(site: Site) -> None:
    site.with_session(pricing={})


def ending(site: Site) -> None:
    """Somebody else's invitation ends in a second."""
    claim = Claim(goal_id=GOAL, exp=NOW + timedelta(seconds=1))
    site.with_session(claim=claim)


REFUSED: dict[str, Callable[[Site], object]] = {
    "own_session": lambda site: site.as_user(STREAMER),
    "private_show_unavailable": blocked,
    "show_running": lambda site: site.with_session(show_goal_pair=ShowGoalPair(funding_goal="f")),
    "cooldown": lambda site: site.with_session(
        trigger_private_goal=Session.TriggerPrivateGoal(goal="g", goal_ended=NOW)
    ),
    "goal_ending": ending,
    "insufficient_balance": lambda site: site.as_user(POOR),
    "transaction_conflict": Site.paid,
}
"""For each code: what makes a site refuse an invitation of 120 seconds with it."""
