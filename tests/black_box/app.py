"""The web process of the black-box tests: the library in a small host, which knows its viewer by a header.

Not a way to log anybody in: the tests play the host's part.
"""

from __future__ import annotations

from flask import Flask, request

from show_goal.adapters.container import Container
from show_goal.adapters.flask import create_app
from show_goal.core.model import Viewer


def make_app() -> Flask:
    container = Container.from_env()
    return create_app(container, current_user=lambda: _viewer(container))


def _viewer(container: Container) -> Viewer | None:
    viewer_id = request.headers.get("X-User-Id")
    return container.viewers().get(viewer_id) if viewer_id else None
