"""What each route answers when it says yes: as it goes out, and as it is described."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Annotated, Literal, Self

from attrs import frozen

from ...core.model import Claim, Hold, HoldState, Settlement
from ...core.requests.answer_goal import Answered
from ...core.requests.trigger_private import Accepted
from ...core.requests.views import GoalView, Preview
from ...core.rules.states import GoalState
from ...ports.channel_authorizer import ChannelPass
from ...ports.sessions import PresetSwitch
from ..problems import problem_of
from .schema import Amount, Note, ObjectId, Seconds, UnixTime


@frozen(kw_only=True)
class Invited:
    """The goal that the invitation made or joined (D27). ``exp`` is the goal's, which a joiner did not choose."""

    goal_id: ObjectId
    transaction_id: Annotated[str, Note("the same at every repeat: one charge")]
    amount: Amount
    exp: UnixTime | None

    @classmethod
    def of(cls, accepted: Accepted) -> Self:
        return cls(
            goal_id=accepted.goal_id,
            transaction_id=accepted.transaction_id,
            amount=accepted.amount,
            exp=_seconds(accepted.exp),
        )


@frozen(kw_only=True)
class Ongoing:
    """The goal that an invitation would join."""

    goal_id: ObjectId
    exp: UnixTime | None

    @classmethod
    def of(cls, claim: Claim) -> Self:
        return cls(goal_id=claim.goal_id, exp=_seconds(claim.exp))


@frozen(kw_only=True)
class Previewed:
    """What an invitation would be answered now: an amount, or a refusal's code and detail."""

    accepted: bool
    amount: Amount | None
    code: Annotated[str, Note("that of the problem which the POST would be answered")] | None
    detail: str | None
    retry_at: Annotated[int, Note("when the session has rested, in Unix time")] | None
    ongoing: Ongoing | None

    @classmethod
    def of(cls, preview: Preview, now: datetime) -> Self:
        problem = problem_of(preview.refusal, now) if preview.refusal else None
        return cls(
            accepted=preview.refusal is None,
            amount=preview.amount,
            code=problem.code if problem else None,
            detail=problem.detail if problem else None,
            retry_at=None if preview.retry_at is None else math.ceil(preview.retry_at.timestamp()),
            ongoing=None if preview.ongoing is None else Ongoing.of(preview.ongoing),
        )


@frozen(kw_only=True)
class AnswerTaken:
    """Of several answers the first that is carried out stands (L2)."""

    goal_id: ObjectId
    agree: bool

    @classmethod
    def of(cls, answered: Answered) -> Self:
        return cls(goal_id=answered.goal_id, agree=answered.agree)


@frozen(kw_only=True)
class OwnHold:
    """The asker's own money in the goal's escrow."""

    amount: Amount
    duration: Seconds | None
    state: HoldState

    @classmethod
    def of(cls, hold: Hold) -> Self:
        return cls(amount=hold.amount, duration=hold.duration, state=hold.state)


@frozen(kw_only=True)
class GoalNow:
    """A goal as it stands, with what the asker alone may know of its money."""

    goal_id: ObjectId
    state: GoalState
    active: bool
    exp: UnixTime | None
    progress: Annotated[int, Note("how many payments the wallet has reported", {"minimum": 0})]
    agreed: UnixTime | None
    settlement: Settlement | None
    hold: OwnHold | None

    @classmethod
    def of(cls, view: GoalView) -> Self:
        goal = view.goal
        return cls(
            goal_id=goal.id,
            state=view.state,
            active=goal.active,
            exp=_seconds(goal.exp),
            progress=goal.progress,
            agreed=_seconds(goal.agreed),
            settlement=goal.settlement,
            hold=None if view.hold is None else OwnHold.of(view.hold),
        )


@frozen(kw_only=True)
class Switched:
    """The session's preset, and the one before (L4)."""

    session_id: ObjectId
    preset: str
    from_preset: str | None

    @classmethod
    def of(cls, switch: PresetSwitch) -> Self:
        return cls(session_id=switch.session.id, preset=str(switch.session.preset), from_preset=switch.from_preset)


@frozen(kw_only=True)
class ReportTaken:
    """The transaction's id, as it was reported."""

    id: str


@frozen(kw_only=True)
class Authorized:
    """What pusher-js hands on to the channel service. ``channel_data`` is there for presence channels alone (H3)."""

    auth: str
    channel_data: Annotated[str, Note("who listens, as JSON: it is signed as it stands")] | None = None

    @classmethod
    def of(cls, made: ChannelPass) -> Self:
        return cls(auth=made.auth, channel_data=made.channel_data)


@frozen(kw_only=True)
class Alive:
    """The process answers."""

    status: Literal["alive"]


@frozen(kw_only=True)
class Ready:
    """Everything that must answer does."""

    status: Literal["ready"]


def _seconds(time: datetime | None) -> int | None:
    return None if time is None else int(time.timestamp())
