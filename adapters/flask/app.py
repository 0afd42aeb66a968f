"""An app of its own: the routes, the probes, and problem details for whatever else goes wrong."""

from __future__ import annotations

from flask import Flask
from werkzeug.exceptions import HTTPException

from ..container import Container
from .api_docs import create_api_docs
from .blueprint import create_blueprint
from .channels import create_channel_authorization
from .probes import create_probes
from .problems import http_problem
from .viewer import CurrentUser, host_user
from .wallet import create_wallet_callback


def create_app(container: Container, current_user: CurrentUser = host_user) -> Flask:
    """A Flask app with all routes, the probes, and ``/openapi.json`` and ``/docs/``, which describe both.

    Each answer is JSON, errors are problem details (D10).

    Connects to nothing: adapters are built at the first request, after a server's fork.
    """
    app = Flask(__name__, static_folder=None)
    app.register_blueprint(create_blueprint(container, current_user))
    app.register_blueprint(create_wallet_callback(container))
    app.register_blueprint(create_channel_authorization(container, current_user))
    app.register_blueprint(create_probes(container))
    app.register_blueprint(create_api_docs())
    app.register_error_handler(HTTPException, http_problem)
    return app
