"""A whole app, and the description of the routes that any app serves."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, current_app, request
from flask_swagger_ui import get_swaggerui_blueprint
from werkzeug.exceptions import HTTPException

from ..container import Container
from ..http.bodies import JSON
from ..http.responses import reply
from ..http.schema import Schema
from .blueprint import create_blueprint, create_channel_authorization
from .openapi import describe
from .probes import create_probes
from .problems import http_problem
from .responses import response
from .viewer import CurrentUser, host_user
from .wallet_callback import create_wallet_callback


def create_app(container: Container, current_user: CurrentUser = host_user) -> Flask:
    """A Flask app with all routes, the probes, and ``/openapi.json`` and ``/docs/``.

    Every response is JSON, and errors are problem details (D10). The app connects to nothing: adapters are built at
    the first request, after a server has forked.
    """
    app = Flask(__name__, static_folder=None)
    app.register_blueprint(create_blueprint(container, current_user))
    app.register_blueprint(create_wallet_callback(container))
    app.register_blueprint(create_channel_authorization(container, current_user))
    app.register_blueprint(create_probes(container))
    app.register_blueprint(create_api_docs())
    app.register_error_handler(HTTPException, http_problem)
    return app


def create_api_docs(login: Schema | None = None) -> Blueprint:
    """``/openapi.json``, and ``/docs/`` which shows it. ``create_app`` includes them.

    They describe every route of this library that the app has, under any prefix. They need no login.
    ``login`` is how your users log in, as a security scheme of OpenAPI, where it is not by Flask's session cookie.
    """
    blueprint = Blueprint("show_goal_api_docs", __name__)

    def openapi() -> Response:
        return response(reply(200, describe(current_app, request.root_path or "/", login), JSON))

    blueprint.add_url_rule("/openapi.json", view_func=openapi)
    # Relative addresses, so that the page works under any prefix and repeats nothing of the request.
    config = {"app_name": "Show Goal", "oauth2RedirectUrl": "oauth2-redirect.html"}
    page = get_swaggerui_blueprint(".", "../openapi.json", config, blueprint_name="swagger_ui")
    blueprint.register_blueprint(page, url_prefix="/docs")
    return blueprint
