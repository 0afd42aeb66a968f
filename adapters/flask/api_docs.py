"""The description of the routes, as they are registered in the app that serves it: for programs, and to be read."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request
from flask_swagger_ui import get_swaggerui_blueprint

from .openapi import describe
from .responses import json_response


def create_api_docs() -> Blueprint:
    """``/openapi.json``, and ``/docs/`` which shows it, under any prefix. An app made by ``create_app`` has them.

    It describes every route of this library that the app has, under whichever prefix. Nobody need be logged in.
    """
    blueprint = Blueprint("show_goal_api_docs", __name__)

    def openapi() -> Response:
        return json_response(200, describe(current_app, request.root_path or "/"))

    blueprint.add_url_rule("/openapi.json", view_func=openapi)
    # Addresses are relative, so that the page works wherever it is put, and nothing of the request stands in it.
    config = {"app_name": "Show Goal", "oauth2RedirectUrl": "oauth2-redirect.html"}
    page = get_swaggerui_blueprint(".", "../openapi.json", config, blueprint_name="swagger_ui")
    blueprint.register_blueprint(page, url_prefix="/docs")
    return blueprint
