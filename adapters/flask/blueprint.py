"""The routes of viewers and streamers, and the channel authorization that pusher-js asks for."""

from __future__ import annotations

from typing import Annotated

from attrs import evolve
from flask import Blueprint, request
from flask.blueprints import BlueprintSetupState
from werkzeug.routing import BaseConverter

from ...core import errors
from ...core.requests.answer_goal import Answered
from ...core.requests.trigger_private import Accepted
from ...core.rules.host_guards import refusals_of
from ...core.rules.invitation import KEY_HEADER, duration_error, exp_error
from ...core.trace import require
from ...ports.channel_authorizer import ChannelPass
from ...ports.errors import TaskQueueFull, Unavailable
from ..container import Container
from . import responses
from .bodies import ANSWER, INVITATION, SUBSCRIPTION, traced
from .openapi import Operation, add_route
from .problems import register_problems
from .schema import Note
from .viewer import CurrentUser, host_user, read_user

_KEY = {"pattern": "^[!-~]{1,64}$"}
TRIGGER_PRIVATE = Operation(
    tag="invitations",
    summary="Invite the streamer to a private show, or join the ongoing invitation",
    who="a viewer",
    response=responses.Invited,
    status=202,
    body=INVITATION,
    headers={KEY_HEADER: Annotated[str, Note("a retry with the same key gets the first answer for 24 h", _KEY)]},
    errors=(
        errors.NotLoggedIn,
        errors.SessionNotFound,
        errors.OwnSession,
        errors.Blocked,
        errors.ShowRunning,
        errors.LivestreamTriggerQuotaExceeded,
        errors.TransactionConflict,
        errors.PriceChanged,
        errors.KeyReused,
        errors.RequestUnderWay,
        errors.InsufficientBalance,
        TaskQueueFull,
        Unavailable,
    ),
)
PREVIEW = Operation(
    tag="invitations",
    summary="See what an invitation would get now, without sending it",
    who="a viewer",
    response=responses.Previewed,
    query={"duration": Annotated[int, Note("seconds of private show, six hours at most", {"minimum": 1})]},
    errors=(errors.NotLoggedIn, errors.InvalidInvitation, errors.SessionNotFound, Unavailable),
)
VIEW_GOAL = Operation(
    tag="goals",
    summary="See a goal, and your own hold",
    who="the goal's streamer, and its payers",
    response=responses.GoalNow,
    errors=(errors.NotLoggedIn, errors.GoalNotFound, Unavailable),
)
ANSWER_GOAL = Operation(
    tag="goals",
    summary="Agree to the private show, or refuse it",
    who="the goal's streamer",
    response=responses.AnswerTaken,
    status=202,
    body=ANSWER,
    errors=(errors.NotLoggedIn, errors.GoalNotFound, errors.GoalEnded, errors.NotPaid, errors.SessionOver, Unavailable),
)
SWITCH_PRESET = Operation(
    tag="streams",
    summary="Switch the active session to another preset. With sd, the show of an agreed goal begins (D40)",
    who="a streamer",
    response=responses.Switched,
    errors=(errors.NotLoggedIn, errors.SessionNotFound, Unavailable),
)
AUTHORIZE_CHANNEL = Operation(
    tag="channels",
    summary="Authorize a subscription to a private or presence channel, for pusher-js",
    who="whom the channel is meant for",
    response=responses.Authorized,
    body=SUBSCRIPTION,
    errors=(errors.NotLoggedIn, errors.ChannelForbidden),
)


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
    _add_viewers_routes(blueprint, container, current_user)
    _add_streamers_routes(blueprint, container, current_user)
    return blueprint


def create_channel_authorization(container: Container, current_user: CurrentUser = host_user) -> Blueprint:
    """POST ``/pusher/auth``: the ``channelAuthorization.endpoint`` of pusher-js, under any prefix (H1).

    Leave it out if you have an endpoint for this.
    """
    blueprint = Blueprint("show_goal_channels", __name__)
    register_problems(blueprint, container)

    def authorize_channel() -> ChannelPass:
        viewer = read_user(current_user())
        with traced(container, "authorize_channel", viewer_id=viewer and viewer.id):
            require(viewer, errors.NotLoggedIn)
            subscription = SUBSCRIPTION.read(request)
        return container.authorize_channel()(viewer, subscription.socket_id, subscription.channel_name)

    add_route(blueprint, "POST", "/pusher/auth", authorize_channel, AUTHORIZE_CHANNEL)
    return blueprint


def _add_viewers_routes(blueprint: Blueprint, container: Container, current_user: CurrentUser) -> None:
    limits = {
        "exp": lambda exp: exp_error(exp, container.clock().now(), container.settings()),
        "duration": lambda duration: duration_error(duration, container.settings()),
    }

    def trigger_private(session_id: object) -> Accepted:
        viewer = read_user(current_user())
        ids = {"session_id": str(session_id), "viewer_id": viewer and viewer.id}
        with traced(container, "trigger_private_session", **ids):
            require(viewer, errors.NotLoggedIn)
            invitation = INVITATION.read(request, limits)
        return container.trigger_private_session()(str(session_id), viewer, invitation, _key())

    def preview_trigger_private(session_id: object) -> responses.Previewed:
        preview = container.preview_trigger_private()(str(session_id), read_user(current_user()), _duration())
        return responses.Previewed.of(preview, container.clock().now())

    def view_goal(goal_id: object) -> responses.GoalNow:
        return responses.GoalNow.of(container.view_goal()(str(goal_id), read_user(current_user())))

    invitation = "/sessions/<objectid:session_id>/trigger_private"
    hosts = [refusal for host_guard in container.host_guards() for refusal in refusals_of(host_guard)]
    described = evolve(TRIGGER_PRIVATE, errors=[*TRIGGER_PRIVATE.errors, *hosts])
    add_route(blueprint, "POST", invitation, trigger_private, described)
    add_route(blueprint, "GET", invitation, preview_trigger_private, PREVIEW)
    add_route(blueprint, "GET", "/goals/<objectid:goal_id>", view_goal, VIEW_GOAL)


def _key() -> str | None:
    """The key of the request. Quotes around it, as the IETF's draft has them, are no part of it."""
    key = request.headers.get(KEY_HEADER)
    return key[1:-1] if key is not None and len(key) > 2 and key[0] == key[-1] == '"' else key


def _duration() -> int:
    """The seconds that the query asks for, or 0, which the rules refuse, unless it says one number."""
    texts = request.args.getlist("duration")
    readable = len(texts) == 1 and texts[0].isascii() and texts[0].isdigit() and len(texts[0]) < 10
    return int(texts[0]) if readable else 0


def _add_streamers_routes(blueprint: Blueprint, container: Container, current_user: CurrentUser) -> None:
    def answer_goal(goal_id: object) -> Answered:
        streamer = read_user(current_user())
        ids = {"goal_id": str(goal_id), "streamer_id": streamer and streamer.id}
        with traced(container, "answer_goal", **ids):
            require(streamer, errors.NotLoggedIn)
            answer = ANSWER.read(request)
        return container.answer_goal()(str(goal_id), streamer, answer.agree)

    def switch_preset(preset: str) -> responses.Switched:
        return responses.Switched.of(container.switch_preset()(read_user(current_user()), preset))

    add_route(blueprint, "DELETE", "/goals/<objectid:goal_id>", answer_goal, ANSWER_GOAL)
    add_route(blueprint, "PATCH", '/streams/me/preset/<any("sd","preview"):preset>', switch_preset, SWITCH_PRESET)


def _provide_objectid(state: BlueprintSetupState) -> None:
    """Your own converter stays. Its values may be of any type whose ``str()`` is the id, such as ObjectId."""
    state.app.url_map.converters.setdefault("objectid", ObjectIdConverter)
