"""The wallet's callback, in its own blueprint.

Leave it out if your wallet does not call back. Otherwise put it where only the wallet comes, away from the prefix, the
login and the hooks of your users' routes.
"""

from __future__ import annotations

from flask import Blueprint

from ..container import Container
from ..http import wallet_routes
from .problems import failed, register_problems
from .routing import add_routes


def create_wallet_callback(container: Container) -> Blueprint:
    """POST ``/notify/wallet/transaction``, for reports that are signed with one of ``container.wallet_keys()``.

    Nobody needs to be logged in. 503 asks the wallet to repeat its report, which is harmless.
    """
    blueprint = Blueprint("show_goal_wallet", __name__)
    register_problems(blueprint, container)
    # Whatever kept a receiver from running, the report must come again.
    blueprint.register_error_handler(ExceptionGroup, failed)
    add_routes(blueprint, wallet_routes(container))
    return blueprint
