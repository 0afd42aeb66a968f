"""A streamer and a viewer of the monolith, and a container whose adapters a test can swap."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest import mock
from uuid import uuid4

from attrs import frozen
from flask import Flask
from flask.testing import FlaskClient
from mongoengine import get_db

from examples.monolith import app as monolith
from examples.monolith.embedding import make_container
from examples.monolith.models import Session, User
from show_goal.adapters.container import Container
from show_goal.adapters.memory import MemoryClock, MemoryTaskQueue, MemoryWorker


@frozen(kw_only=True)
class Stage:
    """MongoDB and the wallet are real unless swapped. The test moves the clock and runs the tasks."""

    container: Container
    app: Flask
    clock: MemoryClock
    worker: MemoryWorker
    streamer: User
    viewer: User
    session: Session

    @classmethod
    def make(cls, **swapped: Any) -> Stage:
        clock = MemoryClock()
        queue = MemoryTaskQueue(clock)
        adapters: dict[str, Any] = {"clock": clock, "task_queue": queue, "database": get_db(), **swapped}
        container = make_container(**adapters)
        streamer, viewer = (User.register(f"{name} {uuid4().hex}", "a password") for name in ("Sid", "Alice"))
        session = Session(user=streamer, title="Songs", pricing={"sd": 60}).save()
        with mock.patch.object(monolith, "private_shows", container):
            app = monolith.create_app()
        return cls(
            container=container,
            app=app,
            clock=clock,
            worker=MemoryWorker(queue, container.tasks(), clock),
            streamer=streamer,
            viewer=viewer,
            session=session,
        )

    def browser(self, user: User) -> FlaskClient:
        browser = self.app.test_client()
        assert browser.post("/login", json={"name": user.name, "password": "a password"}).status_code == 200
        return browser

    def invite(self, **body: Any) -> Any:
        """Invite as the viewer: 5 minutes to answer, 90 seconds of show."""
        invitation = {"exp": int(self.clock.now().timestamp()) + 300, "duration": 90, **body}
        return self.browser(self.viewer).post(f"/sessions/{self.session.id}/trigger_private", json=invitation)

    def wait(self, seconds: int = 0, *, quiet: bool = False) -> None:
        """Move the clock, and run the tasks that are due. ``quiet``: some of them fail on purpose."""
        self.clock.advance(timedelta(seconds=seconds))
        self.worker.run_due(quiet=quiet)
