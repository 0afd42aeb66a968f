"""The routes for any web framework. :mod:`show_goal.adapters.flask` serves them in Flask.

A host reads each request into a :class:`Sent`, and sends the :class:`Reply` of the route. May import core, ports and
the container, and no web framework.
"""

from .responses import Reply
from .route import Route
from .routes import channel_routes, user_routes
from .sent import Sent
from .wallet_callback import wallet_routes

__all__ = ["Reply", "Route", "Sent", "channel_routes", "user_routes", "wallet_routes"]
