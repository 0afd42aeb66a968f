"""The routes of viewers and streamers: the seed's endpoint, and what a goal's whole life needs beside it."""

from __future__ import annotations

from typing import Annotated

from flask import Blueprint, request

from ...core.errors import (
    Blocked,
    GoalEnded,
    GoalNotFound,
    InsufficientBalance,
    InvalidAnswer,
    InvalidInvitation,
    LivestreamTriggerQuotaExceeded,
    NoPrice,
    NotLoggedIn,
    OwnSession,
    SessionNotFound,
    ShowRunning,
    TransactionConflict,
)
from ...core.model import Viewer
from ...ports.errors import Unavailable
from ..container import Container
from . import answers
from .bodies import ANSWER, INVITATION
from .body import BodyTooLarge, IncompleteBody, MalformedJson, UnsupportedMediaType, or_traced, read_json
from .converters import provide_objectid
from .operation import Operation, add_route
from .problems import kinds, register_problems
from .schema import Note, ObjectId, Preset
from .viewer import CurrentUser, host_user

BODY_REFUSED = (UnsupportedMediaType, BodyTooLarge, IncompleteBody, MalformedJson)

TRIGGER_PRIVATE = Operation(
    summary="Invite the streamer to a private show, or join the invitation that stands",
    who="a viewer",
    answer=answers.Invited,
    status=202,
    path={"session_id": ObjectId},
    body=INVITATION,
    problems=kinds(
        NotLoggedIn,
        *BODY_REFUSED,
        InvalidInvitation,
        SessionNotFound,
        OwnSession,
        Blocked,
        NoPrice,
        ShowRunning,
        LivestreamTriggerQuotaExceeded,
        TransactionConflict,
        InsufficientBalance,
        Unavailable,
    ),
)
PREVIEW = Operation(
    summary="What an invitation would be answered now, without making it",
    who="a viewer",
    answer=answers.Previewed,
    path={"session_id": ObjectId},
    query={"duration": Annotated[int, Note("seconds of private show, six hours at most", {"minimum": 1})]},
    problems=kinds(NotLoggedIn, InvalidInvitation, SessionNotFound, Unavailable),
)
VIEW_GOAL = Operation(
    summary="Where a goal stands, and the asker's own hold",
    who="the goal's streamer, and its payers",
    answer=answers.GoalNow,
    path={"goal_id": ObjectId},
    problems=kinds(NotLoggedIn, GoalNotFound, Unavailable),
)
ANSWER_GOAL = Operation(
    summary="Agree to the private show, or refuse it",
    who="the goal's streamer",
    answer=answers.AnswerTaken,
    status=202,
    path={"goal_id": ObjectId},
    body=ANSWER,
    problems=kinds(NotLoggedIn, *BODY_REFUSED, InvalidAnswer, GoalNotFound, GoalEnded, Unavailable),
)
SWITCH_PRESET = Operation(
    summary="Switch the active session to another preset: with sd, an agreed goal's money is paid out",
    who="a streamer",
    answer=answers.Switched,
    path={"preset": Preset},
    problems=kinds(NotLoggedIn, SessionNotFound, Unavailable),
)


def create_blueprint(container: Container, current_user: CurrentUser = host_user) -> Blueprint:
    """The routes, for a host to register under any prefix.

    Their refusals are problem details (D10). Everything else stays the host's: the error pages of other routes, of the
    routing itself and of the host's own hooks, the log of an unknown error and a catch-all error handler. An app that
    has an ``objectid`` converter keeps it.
    """
    blueprint = Blueprint("show_goal", __name__)
    blueprint.record(provide_objectid)
    register_problems(blueprint, container)
    _viewers_routes(blueprint, container, current_user)
    _streamers_routes(blueprint, container, current_user)
    return blueprint


def _viewers_routes(blueprint: Blueprint, container: Container, current_user: CurrentUser) -> None:
    def trigger_private(session_id: object) -> answers.Invited:
        viewer = current_user()
        body = _read_body(container, viewer, "trigger_private_session", "viewer_id", session_id=str(session_id))
        return answers.Invited.of(container.trigger_private_session()(str(session_id), viewer, body))

    def preview_trigger_private(session_id: object) -> answers.Previewed:
        durations = request.args.getlist("duration")
        duration = durations[0] if len(durations) == 1 else None
        preview = container.preview_trigger_private()(str(session_id), current_user(), duration)
        return answers.Previewed.of(preview, container.clock().now())

    def view_goal(goal_id: object) -> answers.GoalNow:
        return answers.GoalNow.of(container.view_goal()(str(goal_id), current_user()))

    invitation = "/sessions/<objectid:session_id>/trigger_private"
    add_route(blueprint, "POST", invitation, trigger_private, TRIGGER_PRIVATE)
    add_route(blueprint, "GET", invitation, preview_trigger_private, PREVIEW)
    add_route(blueprint, "GET", "/goals/<objectid:goal_id>", view_goal, VIEW_GOAL)


def _streamers_routes(blueprint: Blueprint, container: Container, current_user: CurrentUser) -> None:
    def answer_goal(goal_id: object) -> answers.AnswerTaken:
        streamer = current_user()
        body = _read_body(container, streamer, "answer_goal", "streamer_id", goal_id=str(goal_id))
        return answers.AnswerTaken.of(container.answer_goal()(str(goal_id), streamer, body))

    def switch_preset(preset: str) -> answers.Switched:
        return answers.Switched.of(container.switch_preset()(current_user(), preset))

    add_route(blueprint, "DELETE", "/goals/<objectid:goal_id>", answer_goal, ANSWER_GOAL)
    add_route(blueprint, "PATCH", '/streams/me/preset/<any("sd","preview"):preset>', switch_preset, SWITCH_PRESET)


def _read_body(container: Container, user: Viewer | None, unit: str, user_key: str, **ids: str) -> object:
    if user is None:
        return None  # refused for that, before anything is read
    return or_traced(read_json, request, container, unit, **ids, **{user_key: user.id})
