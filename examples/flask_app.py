"""The routes in the host's own Flask app, on real servers.

Services: MongoDB, RabbitMQ or Redis, and Pusher: SHOW_GOAL_MONGODB_URI, SHOW_GOAL_BROKER_URL, SHOW_GOAL_PUSHER_APP_ID,
          SHOW_GOAL_PUSHER_KEY, SHOW_GOAL_PUSHER_SECRET. SECRET_KEY signs the login cookie.
Install:  pip install '.[all]'
Run:      show-goal indexes; flask --app examples/flask_app.py run; also run examples/celery_worker.py
"""

from __future__ import annotations

import os

from flask import Flask, session

from show_goal.adapters.container import Container
from show_goal.adapters.flask import create_blueprint, create_probes
from show_goal.core.model import Viewer


def create_app() -> Flask:
    app = Flask("monolith")
    app.secret_key = os.environ["SECRET_KEY"]
    container = Container.from_env()

    def current_user() -> Viewer | None:
        """The user whom the host's login put into the signed cookie, with the tags that it read from its users."""
        user_id = session.get("user_id")
        return Viewer(id=user_id, tags=session.get("tags", [])) if user_id else None

    app.register_blueprint(create_blueprint(container, current_user), url_prefix="/api")
    app.register_blueprint(create_probes(container))
    return app
