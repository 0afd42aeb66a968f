"""The routes of viewers and streamers, and the channel authorization that pusher-js asks for."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from attrs import evolve

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
from .bodies import ANSWER, INVITATION, SUBSCRIPTION
from .operations import Operation
from .route import Route, traced
from .schema import Note
from .sent import Sent

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
        errors.GoalEnding,
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


def user_routes(container: Container) -> list[Route]:
    """Those of viewers and streamers."""
    return [*_viewers_routes(container), *_streamers_routes(container)]


def channel_routes(container: Container) -> list[Route]:
    """POST ``/pusher/auth``: the ``channelAuthorization.endpoint`` of pusher-js (H1)."""

    def authorize_channel(sent: Sent) -> ChannelPass:
        viewer = sent.viewer
        with traced(container, "authorize_channel", viewer_id=viewer and viewer.id):
            require(viewer, errors.NotLoggedIn)
            subscription = SUBSCRIPTION.read(sent)
        return container.authorize_channel()(viewer, subscription.socket_id, subscription.channel_name)

    route = partial(Route, container=container, name="authorize_channel", path="/pusher/auth")
    return [route(method="POST", operation=AUTHORIZE_CHANNEL, act=authorize_channel)]


def _viewers_routes(container: Container) -> list[Route]:
    limits = {
        "exp": lambda exp: exp_error(exp, container.clock().now(), container.settings()),
        "duration": lambda duration: duration_error(duration, container.settings()),
    }

    def trigger_private(sent: Sent) -> Accepted:
        session_id, viewer = sent.id("session_id"), sent.viewer
        ids = {"session_id": session_id, "viewer_id": viewer and viewer.id}
        with traced(container, "trigger_private_session", **ids):
            require(viewer, errors.NotLoggedIn)
            invitation = INVITATION.read(sent, limits)
        return container.trigger_private_session()(session_id, viewer, invitation, _key(sent))

    def preview_trigger_private(sent: Sent) -> responses.Previewed:
        preview = container.preview_trigger_private()(sent.id("session_id"), sent.viewer, _duration(sent))
        return responses.Previewed.of(preview, container.clock().now())

    def view_goal(sent: Sent) -> responses.GoalNow:
        view = container.view_goal()(sent.id("goal_id"), sent.viewer)
        return responses.GoalNow.of(view, container.clock().now())

    hosts = [refusal for host_guard in container.host_guards() for refusal in refusals_of(host_guard)]
    described = evolve(TRIGGER_PRIVATE, errors=[*TRIGGER_PRIVATE.errors, *hosts])
    invitation = partial(Route, container=container, path="/sessions/{session_id}/trigger_private")
    goal = partial(Route, container=container, path="/goals/{goal_id}")
    return [
        invitation(name="trigger_private", method="POST", operation=described, act=trigger_private),
        invitation(name="preview_trigger_private", method="GET", operation=PREVIEW, act=preview_trigger_private),
        goal(name="view_goal", method="GET", operation=VIEW_GOAL, act=view_goal),
    ]


def _key(sent: Sent) -> str | None:
    """The key of the request. Quotes around it, as the IETF's draft has them, are no part of it."""
    key = sent.header(KEY_HEADER)
    return key[1:-1] if key is not None and len(key) > 1 and key[0] == key[-1] == '"' else key


def _duration(sent: Sent) -> int:
    """The seconds that the query asks for, or 0, which the rules refuse, unless it says one number."""
    texts = sent.query("duration")
    readable = len(texts) == 1 and texts[0].isascii() and texts[0].isdigit() and len(texts[0]) < 10
    return int(texts[0]) if readable else 0


def _streamers_routes(container: Container) -> list[Route]:
    def answer_goal(sent: Sent) -> Answered:
        goal_id, streamer = sent.id("goal_id"), sent.viewer
        with traced(container, "answer_goal", goal_id=goal_id, streamer_id=streamer and streamer.id):
            require(streamer, errors.NotLoggedIn)
            answer = ANSWER.read(sent)
        return container.answer_goal()(goal_id, streamer, answer.agree)

    def switch_preset(sent: Sent) -> responses.Switched:
        return responses.Switched.of(container.switch_preset()(sent.viewer, str(sent.variables["preset"])))

    route = partial(Route, container=container)
    return [
        route(name="answer_goal", method="DELETE", path="/goals/{goal_id}", operation=ANSWER_GOAL, act=answer_goal),
        route(
            name="switch_preset",
            method="PATCH",
            path="/streams/me/preset/{preset}",
            operation=SWITCH_PRESET,
            act=switch_preset,
        ),
    ]
