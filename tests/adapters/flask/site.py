"""The routes on a platform in memory, with a logged-in viewer.

Its client checks that every response is as it is described, and that a refusal has changed nothing.
"""

from __future__ import annotations

import hmac
import json
from typing import Any

from attrs import define, field
from flask import Flask
from werkzeug.test import TestResponse

from show_goal.adapters.flask import create_app
from show_goal.core.model import Viewer
from tests.builders import SESSION, a_body, a_viewer
from tests.world import World

from .described import DescribedClient

PATH = f"/sessions/{SESSION}/trigger_private"
CALLBACK = "/notify/wallet/transaction"
KEY = "the wallet's key, new"
OLD_KEY = "the wallet's key, old"


def refusal(response: TestResponse) -> tuple[int, str]:
    """Status and code of a problem document."""
    assert response.content_type == "application/problem+json"
    assert response.get_json()["status"] == response.status_code
    return response.status_code, response.get_json()["code"]


@define
class Site:
    world: World = field(factory=World.make)
    viewer: Viewer | None = field(factory=a_viewer)
    app: Flask = field(init=False)
    client: DescribedClient = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.app = create_app(self.world.container, current_user=lambda: self.viewer)
        self.client = DescribedClient(self.app, self.app.response_class)
        self.client.stores = self.stores

    def post(self, body: object = None, *, path: str = PATH, **options: Any) -> TestResponse:
        """A valid invitation, unless ``body`` (sent as JSON; bytes and strings as they are) or ``options`` differ."""
        if not isinstance(body, bytes | str):
            body = json.dumps(a_body() if body is None else body)
        return self.client.post(path, **{"data": body, "content_type": "application/json", **options})

    def preview(self, query: str = "duration=90", *, path: str = PATH) -> TestResponse:
        return self.client.get(f"{path}?{query}")

    def answer(self, goal_id: str, body: object = None, **options: Any) -> TestResponse:
        """The streamer agrees, unless ``body`` (bytes as they are) or ``options`` differ."""
        if not isinstance(body, bytes):
            body = json.dumps({"agree": True} if body is None else body)
        path = f"/goals/{goal_id}"
        return self.client.delete(path, **{"data": body, "content_type": "application/json", **options})

    def goal(self, goal_id: str) -> TestResponse:
        return self.client.get(f"/goals/{goal_id}")

    def switch(self, preset: str) -> TestResponse:
        return self.client.patch(f"/streams/me/preset/{preset}")

    def report(self, body: object, *, key: str = KEY, **headers: str) -> TestResponse:
        """The wallet's callback, signed with ``key``; ``headers`` replace the signature."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        signature = f"sha256={hmac.new(key.encode(), data, 'sha256').hexdigest()}"
        return self.client.post(CALLBACK, data=data, headers=headers or {"X-Wallet-Signature": signature})

    def listen(self, channel: str, socket_id: str = "123.456", **options: Any) -> TestResponse:
        """What pusher-js sends before it listens, unless ``options`` differ."""
        form = {"socket_id": socket_id, "channel_name": channel}
        return self.client.post("/pusher/auth", **{"data": form, **options})

    def as_user(self, user_id: str) -> Site:
        self.viewer = a_viewer(id=user_id)
        return self

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
