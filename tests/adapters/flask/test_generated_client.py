"""A client that openapi-python-client makes of the description goes through the flow."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import request

from show_goal.adapters.flask import create_app
from tests.builders import SESSION, STREAMER, VIEWER, a_body, a_viewer
from tests.world import World

from .described import description

PACKAGE = "client_of_the_description"


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("generated")
    (folder / "openapi.json").write_text(json.dumps(description()))
    generate = [sys.executable, "-m", "openapi_python_client", "generate", "--path", "openapi.json"]
    made = subprocess.run(  # it formats what it makes with ruff
        [*generate, "--meta", "none", "--output-path", PACKAGE, "--fail-on-warning"],
        cwd=folder,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield


class Generated:
    """The generated client of one user, who says their id as a token."""

    def __init__(self, world: World, user_id: str) -> None:
        app = create_app(world.container, lambda: a_viewer(id=request.authorization.token))  # type: ignore[union-attr]
        self.package: Any = import_module(PACKAGE)
        self.client = self.package.AuthenticatedClient(
            base_url="http://host",
            token=user_id,
            raise_on_unexpected_status=True,
            httpx_args={"transport": httpx.WSGITransport(app)},
        )

    def ask(self, operation: str, *path: str, body: Any = None, **options: Any) -> Any:
        sent = {} if body is None else {"body": body}
        return import_module(f"{PACKAGE}.api.{operation}").sync(*path, client=self.client, **sent, **options)

    def model(self, name: str, value: dict[str, Any]) -> Any:
        return getattr(import_module(f"{PACKAGE}.models"), name).from_dict(value)


@pytest.mark.usefixtures("generated")
def test_a_generated_client_goes_through_the_flow_D29_D30_D35(world: World) -> None:
    viewer, streamer = Generated(world, VIEWER), Generated(world, STREAMER)
    seen = viewer.ask("invitations.show_goal_preview_trigger_private", SESSION, duration=90)

    def invite(**changes: int) -> Any:
        body = viewer.model("Invitation", a_body(amount=seen.amount) | changes)
        return viewer.ask("invitations.show_goal_trigger_private", SESSION, body=body, idempotency_key="key")

    changed = invite(amount=seen.amount - 1)
    assert (changed.code, changed.amount) == ("price_changed", seen.amount)
    invited = invite()
    world.run_due()
    assert invite() == invited
    assert invite(duration=91).code == "idempotency_key_reused"
    agree = streamer.model("Answer", {"agree": True})
    assert streamer.ask("goals.show_goal_answer_goal", invited.goal_id, body=agree).agree
    world.run_due()
    assert streamer.ask("goals.show_goal_answer_goal", invited.goal_id, body=agree).code == "goal_ended"
    assert streamer.ask("streams.show_goal_switch_preset", "sd").preset == "sd"
    world.wait(60)
    goal = viewer.ask("goals.show_goal_view_goal", invited.goal_id)
    assert (goal.state, goal.why.rule, goal.hold.amount) == ("released", "show_began", 90)
