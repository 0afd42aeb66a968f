"""The routes of viewers and streamers, and the channel authorization that pusher-js asks for, as blueprints."""

from __future__ import annotations

from flask import Blueprint
from flask.blueprints import BlueprintSetupState
from werkzeug.routing import BaseConverter

from ..container import Container
from ..http import channel_routes, user_routes
from .problems import register_problems
from .routing import add_routes
from .viewer import CurrentUser, host_user


class ObjectIdConverter(BaseConverter):
    """24 hex digits, as a string in lower case: ids are compared in this form."""

    regex = "[0-9a-fA-F]{24}"

    def to_python(self, value: str) -> str:
        return value.lower()


def create_blueprint(container: Container, current_user: CurrentUser = host_user) -> Blueprint:
    """The routes, for a host to register under any prefix.

    Their refusals are problem details (D10). Everything else stays the host's: the error pages of other routes, of the
    routing and of the host's hooks, the log of an unknown error and a catch-all error handler. An app that has an
    ``objectid`` converter keeps it.
    """
    blueprint = Blueprint("show_goal", __name__)
    blueprint.record(_provide_objectid)
    register_problems(blueprint, container)
    add_routes(blueprint, user_routes(container), current_user)
    return blueprint


def create_channel_authorization(container: Container, current_user: CurrentUser = host_user) -> Blueprint:
    """POST ``/pusher/auth``: the ``channelAuthorization.endpoint`` of pusher-js, under any prefix (H1).

    Leave it out if you have an endpoint for this.
    """
    blueprint = Blueprint("show_goal_channels", __name__)
    register_problems(blueprint, container)
    add_routes(blueprint, channel_routes(container), current_user)
    return blueprint


def _provide_objectid(state: BlueprintSetupState) -> None:
    """Your own converter stays. Its values may be of any type whose ``str()`` is the id, such as ObjectId."""
    state.app.url_map.converters.setdefault("objectid", ObjectIdConverter)
