"""What each route sends when it succeeds: which attributes of the core's value, and how they are described."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from math import ceil
from typing import Annotated, Any, Literal, Self

from attrs import asdict, frozen
from cattrs import Converter

from ...core.decision import Rule, Settlement
from ...core.money import Hold, HoldState
from ...core.requests.views import GoalView, Preview
from ...core.rules.settlement import Verdict
from ...core.rules.states import GoalState
from ...ports.sessions import PresetSwitch
from ..problems import MEDIA_TYPE, Problem, problem_of
from .bodies import JSON
from .schema import Amount, Note, ObjectId, Seconds, UnixTime


@frozen(kw_only=True)
class Invited:
    """The goal that the invitation made or joined (D27). ``exp`` is the goal's, also for a viewer who joined later."""

    goal_id: ObjectId
    transaction_id: Annotated[str, Note("the same at every repeat: one charge")]
    amount: Amount
    exp: UnixTime | None


@frozen(kw_only=True)
class Ongoing:
    """The goal that an invitation would join."""

    goal_id: ObjectId
    exp: UnixTime | None


@frozen(kw_only=True)
class Previewed:
    """The response that an invitation would get now: an amount, or a refusal's code and detail."""

    accepted: bool
    amount: Amount | None
    code: Annotated[str, Note("of the problem that the POST would get")] | None
    detail: str | None
    retry_at: Annotated[int, Note("if it is too early: when to invite again, in Unix time")] | None
    ongoing: Ongoing | None

    @classmethod
    def of(cls, preview: Preview, now: datetime) -> Self:
        problem = problem_of(preview.refusal, now) if preview.refusal else None
        claim = preview.ongoing
        return cls(
            accepted=problem is None,
            amount=preview.amount,
            code=problem.code if problem else None,
            detail=problem.detail if problem else None,
            retry_at=ceil(preview.retry_at.timestamp()) if preview.retry_at else None,
            ongoing=Ongoing(goal_id=claim.goal_id, exp=claim.exp) if claim else None,
        )


@frozen(kw_only=True)
class AnswerTaken:
    """The answer is on its way. Of several answers, the first that is carried out counts (L2)."""

    goal_id: ObjectId
    agree: bool


@frozen(kw_only=True)
class OwnHold:
    """The asker's own money in the goal's escrow."""

    amount: Amount
    duration: Seconds | None
    state: HoldState
    released: Annotated[Amount | None, Note("what the streamer got, if only a part was released")] = None
    refunded: Annotated[Amount | None, Note("what went back to the asker then")] = None

    @classmethod
    def of(cls, hold: Hold) -> Self:
        parts = {} if hold.part is None else {"released": hold.released, "refunded": hold.refunded}
        return cls(amount=hold.amount, duration=hold.duration, state=hold.state, **parts)


@frozen(kw_only=True)
class ShowSoFar:
    """The asker's show while it goes on, if viewers pay for what is shown."""

    seconds_shown: Annotated[int, Note("of private show, so far", {"minimum": 0})]
    seconds_left: Annotated[int, Note("until the time that the asker bought is over", {"minimum": 0})]
    cost: Annotated[int, Note("so far, in the smallest unit of money", {"minimum": 0})]

    @classmethod
    def of(cls, show: Verdict, now: datetime) -> Self:
        left = 0 if show.ends is None else (show.ends - now).total_seconds()
        return cls(seconds_shown=int(show.shown.total_seconds()), seconds_left=max(0, ceil(left)), cost=show.released)


@frozen(kw_only=True)
class Seen:
    """What the settlement saw when it decided (D35)."""

    rule: Annotated[Rule, Note("which rule decided")]
    agreed: UnixTime | None
    show_began: Annotated[UnixTime | None, Note("since when the session was on sd, in time")]
    session_active: Annotated[bool | None, Note("null if it makes no difference")]


@frozen(kw_only=True)
class GoalNow:
    """A goal as it is now. Of its money, you see only your own."""

    goal_id: ObjectId
    state: GoalState
    active: bool
    exp: UnixTime | None
    progress: Annotated[int, Note("how many payments the wallet has reported", {"minimum": 0})]
    agreed: UnixTime | None
    settlement: Settlement | None
    why: Seen | None
    hold: OwnHold | None
    show: ShowSoFar | None = None

    @classmethod
    def of(cls, view: GoalView, now: datetime) -> Self:
        goal, hold = view.goal, view.hold
        return cls(
            goal_id=goal.id,
            state=view.state,
            active=goal.active,
            exp=goal.exp,
            progress=goal.progress,
            agreed=goal.agreed,
            settlement=goal.settlement,
            why=None if goal.why is None else Seen(**asdict(goal.why)),
            hold=OwnHold.of(hold) if hold else None,
            show=ShowSoFar.of(view.show, now) if view.show else None,
        )


@frozen(kw_only=True)
class Switched:
    """The session's new preset, and the one before (L4)."""

    session_id: ObjectId
    preset: str
    from_preset: str | None

    @classmethod
    def of(cls, switch: PresetSwitch) -> Self:
        return cls(session_id=switch.session.id, preset=str(switch.session.preset), from_preset=switch.from_preset)


@frozen(kw_only=True)
class ReportTaken:
    """The id of the transaction that was reported."""

    id: str


@frozen(kw_only=True)
class Authorized:
    """What pusher-js passes on to the channel service. Only presence channels have ``channel_data`` (H3)."""

    auth: str
    channel_data: Annotated[str, Note("who listens, as JSON; it is signed, so send it on unchanged")] | None = None


@frozen(kw_only=True)
class Alive:
    """The process answers."""

    status: Literal["alive"]


@frozen(kw_only=True)
class Ready:
    """Every dependency answers."""

    status: Literal["ready"]


_converter = Converter(omit_if_default=True)
_converter.register_unstructure_hook(datetime, lambda time: int(time.timestamp()))


@frozen(kw_only=True)
class Reply:
    """A response, for any web framework to send as it is."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def success(status: int, kind: type, value: object) -> Reply:
    """A reply with the attributes of ``value`` that ``kind`` names, but no optional one that is None."""
    return reply(status, _converter.unstructure(value, unstructure_as=kind), JSON)


def refusal(problem: Problem) -> Reply:
    """The problem document."""
    wait = {} if problem.retry_after is None else {"Retry-After": str(problem.retry_after)}
    return reply(problem.status, problem.document(), MEDIA_TYPE, wait)


def reply(status: int, body: Mapping[str, Any], media_type: str, headers: Mapping[str, str] | None = None) -> Reply:
    """``body`` as JSON.

    Never cached: every response is about somebody's money, or about this very moment.
    """
    always = {"Content-Type": media_type, "Cache-Control": "no-store"}
    return Reply(status=status, headers={**always, **(headers or {})}, body=json.dumps(body).encode())
