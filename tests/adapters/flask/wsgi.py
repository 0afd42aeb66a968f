"""The app that gunicorn serves in its test: a header names the viewer."""

from __future__ import annotations

from flask import request

from show_goal.adapters.flask import create_app
from show_goal.core.model import Viewer
from tests.world import World

app = create_app(World.make().container, current_user=lambda: Viewer(id=request.headers["X-Viewer"]))
