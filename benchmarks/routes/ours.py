"""The library's route: every guard, the claim, the wallet, confirms, deadlines, traces."""

from __future__ import annotations

from flask import request

from show_goal.adapters.container import Container
from show_goal.adapters.flask import create_app
from show_goal.core.model import Viewer


def logged_in() -> Viewer:
    return Viewer(id=request.headers["X-Viewer"])


app = create_app(Container.from_env(), logged_in)
