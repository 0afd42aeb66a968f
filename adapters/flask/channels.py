"""The channel authorization that pusher-js asks for, in a blueprint of its own: a host that has one leaves it out."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, request

from ...core.errors import ChannelForbidden, InvalidSubscription, NotLoggedIn
from ..container import Container
from .answers import Authorized
from .bodies import SUBSCRIPTION
from .body import BodyTooLarge, IncompleteBody, UnsupportedMediaType, or_traced, read_form
from .operation import Operation, add_route
from .problems import kinds, register_problems
from .viewer import CurrentUser, host_user

AUTHORIZE_CHANNEL = Operation(
    summary="Leave to listen on a private or presence channel, for pusher-js",
    who="whoever the channel is meant for",
    answer=Authorized,
    body=SUBSCRIPTION,
    problems=kinds(
        NotLoggedIn, UnsupportedMediaType, BodyTooLarge, IncompleteBody, InvalidSubscription, ChannelForbidden
    ),
)


def create_channel_authorization(container: Container, current_user: CurrentUser = host_user) -> Blueprint:
    """POST ``/pusher/auth``: the ``channelAuthorization.endpoint`` of pusher-js, under any prefix (H1)."""
    blueprint = Blueprint("show_goal_channels", __name__)
    register_problems(blueprint, container)

    def authorize_channel() -> Authorized:
        viewer = current_user()
        form: Mapping[str, object] = {}
        if viewer is not None:
            form = or_traced(read_form, request, container, "authorize_channel", viewer_id=viewer.id)
        return Authorized.of(container.authorize_channel()(viewer, form))

    add_route(blueprint, "POST", "/pusher/auth", authorize_channel, AUTHORIZE_CHANNEL)
    return blueprint
