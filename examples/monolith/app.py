"""The monolith's Flask app: ``flask --app examples.monolith.app run``, or gunicorn with ``create_app()``."""

from __future__ import annotations

from typing import Any

from flask import Flask

from examples.monolith import config, tasks  # noqa: F401  (importing the tasks connects the receivers)
from examples.monolith.converters import ObjectIdConverter
from examples.monolith.embedding import private_shows  # + show_goal
from examples.monolith.login import login
from examples.monolith.models import Session, User
from examples.monolith.pages import pages
from show_goal.adapters.flask import create_blueprint, create_wallet_callback  # + show_goal


def create_app(**overrides: Any) -> Flask:
    app = Flask("monolith", static_folder=None)
    app.config.update(SECRET_KEY=config.SECRET_KEY, **overrides)
    app.url_map.converters["objectid"] = ObjectIdConverter
    app.register_blueprint(login)
    app.register_blueprint(pages)
    app.register_blueprint(create_blueprint(private_shows))  # + show_goal
    app.register_blueprint(create_wallet_callback(private_shows))  # + show_goal

    @app.cli.command("migrate")
    def migrate() -> None:
        """Create the indexes. Run it once before a new version starts."""
        User.ensure_indexes()
        Session.ensure_indexes()
        private_shows.create_indexes()  # + show_goal

    return app
