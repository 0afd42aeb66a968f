"""The web process of the black-box tests: the library in a small host, which knows its viewer by two headers.

Not a way to log anybody in: the tests play the host's part.
"""

from __future__ import annotations

from flask import Flask, request

from show_goal.adapters.container import Container
from show_goal.adapters.flask import create_app
from show_goal.core.model import Viewer


def make_app() -> Flask:
    return app_of(Container.from_env())


def app_of(container: Container) -> Flask:
    return create_app(container, current_user=_viewer)


def _viewer() -> Viewer | None:
    viewer_id = request.headers.get("X-User-Id")
    tags = request.headers.get("X-User-Tags", "").split()
    return Viewer(id=viewer_id, tags=tags) if viewer_id else None
