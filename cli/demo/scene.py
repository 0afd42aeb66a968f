"""One scene of the demo: its acts, each with what was asked and done, and the ledger as it went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import ceil

from attrs import asdict, field, frozen

from ...core.errors import (
    Forbidden,
    InvalidInvitation,
    LivestreamTriggerQuotaExceeded,
    NotLoggedIn,
    Refused,
    SessionNotFound,
    TransactionConflict,
)
from ...core.model import Audit, Balance, ViewerPass
from ...core.requests.answer_goal import Answered
from ...core.requests.trigger_private import Accepted
from ...core.trace import Trace
from ...ports.sessions import PresetSwitch

Ledger = Mapping[str, Balance]

STATUS: Mapping[type[Refused], int] = {
    InvalidInvitation: 400,
    NotLoggedIn: 401,
    Forbidden: 403,
    SessionNotFound: 404,
    TransactionConflict: 409,
    LivestreamTriggerQuotaExceeded: 429,
}
"""What the routes answer; the demo runs without a web framework."""


@frozen(kw_only=True)
class Request:
    """What is asked of a route, and by whom: None when nobody is logged in."""

    user_id: str | None
    method: str
    path: str
    body: Mapping[str, object] | None = None


@frozen(kw_only=True)
class Answer:
    """What the route says: its body, or the refusal's public code (D10). ``retry_after`` in seconds."""

    status: int
    body: Mapping[str, object]
    retry_after: int | None = None

    @classmethod
    def accepted(cls, accepted: Accepted) -> Answer:
        exp = None if accepted.exp is None else int(accepted.exp.timestamp())
        return cls(status=202, body={**accepted._asdict(), "exp": exp})

    @classmethod
    def answered(cls, answered: Answered) -> Answer:
        return cls(status=202, body=asdict(answered))

    @classmethod
    def switched(cls, switch: PresetSwitch) -> Answer:
        preset = {"preset": switch.session.preset, "from_preset": switch.from_preset}
        return cls(status=200, body={"session_id": switch.session.id, **preset})

    @classmethod
    def refused(cls, refused: Refused, now: datetime) -> Answer:
        status = next(status for refusal, status in STATUS.items() if isinstance(refused, refusal))
        if isinstance(refused, InvalidInvitation):
            return cls(status=status, body={"code": refused.code, "errors": refused.errors})
        if isinstance(refused, LivestreamTriggerQuotaExceeded):
            seconds = ceil((refused.retry_at - now).total_seconds())
            return cls(status=status, body={"code": refused.code}, retry_after=seconds)
        return cls(status=status, body={"code": refused.code})


@frozen(kw_only=True)
class Act:
    """A request, or something that happens by itself, and what the workers then did.

    ``words`` say it plainly; a request without words is told in full. ``goal_id`` is the goal of the last invitation,
    ``passes`` are what the act gave to viewers.
    """

    words: str = ""
    goal_id: str
    request: Request | None = None
    answer: Answer | None = None
    traces: Sequence[Trace] = ()
    ledger: Ledger
    passes: Mapping[str, ViewerPass] = field(factory=dict)

    def as_dict(self) -> dict[str, object]:
        """Plain dicts and lists; times stay datetimes."""
        return {
            "words": self.words,
            "request": self.request and asdict(self.request),
            "answer": self.answer and asdict(self.answer),
            "traces": [trace.as_dict() for trace in self.traces],
            "passes": {viewer_id: {**asdict(one), "exp": one.exp} for viewer_id, one in self.passes.items()},
            "ledger": _balances(self.ledger),
        }


@frozen(kw_only=True)
class Scene:
    """``title`` says in plain words what happens, ``remark`` what to notice. ``before`` is the ledger at its start."""

    title: str
    remark: str = ""
    before: Ledger
    acts: Sequence[Act]
    audit: Audit | None = None

    @property
    def after(self) -> Ledger:
        return self.acts[-1].ledger

    @property
    def refused(self) -> bool:
        """Whether it is nothing but a refusal."""
        answer = self.acts[0].answer
        return len(self.acts) == 1 and answer is not None and answer.status >= 400

    def as_dict(self) -> dict[str, object]:
        """Plain dicts and lists; times stay datetimes."""
        return {
            "title": self.title,
            "remark": self.remark,
            "ledger": _balances(self.before),
            "acts": [act.as_dict() for act in self.acts],
            "audit": self.audit and asdict(self.audit),
        }


def _balances(ledger: Ledger) -> dict[str, object]:
    return {user_id: asdict(balance) for user_id, balance in ledger.items()}
