"""The routes in Flask: ``create_app`` makes an app of its own; a host's app registers the blueprints it wants.

May import core, ports, Flask and the container.
"""

from .api_docs import create_api_docs
from .app import create_app
from .blueprint import create_blueprint
from .channels import create_channel_authorization
from .probes import create_probes
from .viewer import CurrentUser, host_user
from .wallet import create_wallet_callback

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
