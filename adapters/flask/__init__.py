"""The routes in Flask. ``create_app`` makes a whole app; your own app registers the blueprints that it needs.

May import core, ports, Flask and the container.
"""

from .app import create_api_docs, create_app
from .blueprint import create_blueprint, create_channel_authorization
from .probes import create_probes
from .viewer import CurrentUser, host_user
from .wallet_callback import create_wallet_callback

__all__ = [
    "CurrentUser",
    "create_api_docs",
    "create_app",
    "create_blueprint",
    "create_channel_authorization",
    "create_probes",
    "create_wallet_callback",
    "host_user",
]
