"""The stage: plays acts on one in-memory platform, in virtual time, and records what each one did."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from attrs import asdict, evolve, frozen, has
from cattrs import Converter

from ...adapters.memory import MemoryClock
from ...adapters.problems import problem_of
from ...core.errors import Refused
from ...core.messages import Message
from ...core.model import Invitation, Viewer, ViewerPass
from ...core.money import Audit, Balance
from ...core.rules.settlement import Verdict
from ...core.trace import Trace
from ..terminal import set_aside
from . import cast
from .cast import SESSION, SID, VIEWERS

ANSWER_WITHIN = timedelta(minutes=5)
SETTLE_DELAY = timedelta(seconds=60)
SETTLED = "60 s after the end"

Body = Mapping[str, object]
Ledger = Mapping[str, Balance]
Ask = Callable[[Viewer | None], Body]


@frozen(kw_only=True)
class Request:
    """A request to a route. ``user_id`` is None when nobody is logged in."""

    user_id: str | None
    method: str
    path: str
    body: Body | None = None
    key: str | None = None
    """The header ``Idempotency-Key``."""


@frozen(kw_only=True)
class Answer:
    """What the route answers: its body, or the public code of the refusal (D10). ``retry_after`` in seconds."""

    status: int
    body: Body
    retry_after: int | None = None


@frozen(kw_only=True)
class Act:
    """A request, or something that happens without one, and what the workers then did.

    ``passes`` are the passes that the act gave to viewers. ``full`` acts are printed in every detail.
    """

    words: str
    full: bool
    request: Request | None
    answer: Answer | None
    traces: Sequence[Trace]
    passes: Mapping[str, ViewerPass]
    ledger: Ledger


@frozen(kw_only=True)
class Scene:
    """Some acts, with a title and a remark that says what to notice. ``ledger`` is the one before the first act."""

    title: str
    remark: str
    ledger: Ledger
    acts: Sequence[Act]
    audit: Audit | None = None


def plain(value: Any) -> object:
    """For ``json.dumps(default=...)``: what JSON cannot write by itself. Times are in UTC."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, Trace):
        return value.as_dict()
    if has(type(value)):
        return asdict(value, recurse=False)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


_converter = Converter()
_converter.register_unstructure_hook(datetime, lambda time: int(time.timestamp()))


class Stage:
    """One in-memory platform. ``adapters`` replace ports by name, as in ``Container.in_memory``."""

    def __init__(self, **adapters: Any) -> None:
        self.clock = MemoryClock()
        self._traces: list[Trace] = []
        platform = cast.platform(self.clock, trace_sink=self._traces.append, **adapters)
        self.container, self.task_queue = platform.container, platform.task_queue
        self._wallet, self._sessions, self._admitted = platform.wallet, platform.sessions, platform.passes
        self._ledger: Ledger = self._wallet.accounts()
        self._passes: Mapping[str, ViewerPass] = {}
        self._goal_id = ""

    def scene(self, title: str, acts: Sequence[Act], remark: str = "", audit: Audit | None = None) -> Scene:
        before, self._ledger = self._ledger, acts[-1].ledger
        return Scene(title=title, remark=remark, ledger=before, acts=acts, audit=audit)

    def audit(self) -> Audit:
        """Of all money, when everything that ended is settled."""
        return self.container.books().audit(self.clock.now() - SETTLE_DELAY)

    def invite(
        self,
        viewer: Viewer | None,
        words: str = "",
        *,
        session_id: str = SESSION,
        key: str | None = None,
        meanwhile: Callable[[], object] = lambda: None,
        **changes: int,
    ) -> Act:
        """``meanwhile`` happens before a worker runs."""
        body = {"exp": int((self.clock.now() + ANSWER_WITHIN).timestamp()), "duration": 90, **changes}
        request = Request(
            user_id=viewer.id if viewer else None,
            method="POST",
            path=f"/sessions/{session_id}/trigger_private",
            body=body,
            key=key,
        )

        def ask(user: Viewer | None) -> Body:
            return self.container.trigger_private_session()(session_id, user, Invitation(**body), key)._asdict()

        return self._request(request, ask, 202, words, meanwhile)

    def view(self, viewer: Viewer, words: str) -> Act:
        """The viewer looks at the last goal."""
        goal_id = self._goal_id

        def ask(user: Viewer | None) -> Body:
            view = self.container.view_goal()(goal_id, user)
            goal, hold = asdict(view.goal, recurse=False), view.hold
            seen = {name: goal[name] for name in ("active", "exp", "progress", "settlement", "why")}
            own = hold and {"amount": hold.amount, "duration": hold.duration, "state": hold.state}
            if own and hold and hold.part is not None:
                own |= {"released": hold.released, "refunded": hold.refunded}
            show = {"show": self._show(view.show)} if view.show else {}
            return {"goal_id": goal_id, "state": view.state, **seen, "agreed": view.goal.agreed, "hold": own, **show}

        return self._request(Request(user_id=viewer.id, method="GET", path=f"/goals/{goal_id}"), ask, 200, words)

    def _show(self, show: Verdict) -> Body:
        left = (show.ends or self.clock.now()) - self.clock.now()
        seconds = {"seconds_shown": show.shown, "seconds_left": left}
        return {**{name: int(time.total_seconds()) for name, time in seconds.items()}, "cost": show.released}

    def answer(self, agree: bool, words: str = "", *, goal_id: str | None = None) -> Act:
        """Sid answers the last invitation, or the goal ``goal_id``."""
        goal_id = goal_id or self._goal_id
        request = Request(user_id=SID.id, method="DELETE", path=f"/goals/{goal_id}", body={"agree": agree})
        use_case = self.container.answer_goal()
        return self._request(request, lambda user: asdict(use_case(goal_id, user, agree)), 202, words)

    def switch(self, preset: str, words: str = "") -> Act:
        """Sid switches to another preset."""
        request = Request(user_id=SID.id, method="PATCH", path=f"/streams/me/preset/{preset}")

        def ask(user: Viewer | None) -> Body:
            switch = self.container.switch_preset()(user, preset)
            return {"session_id": switch.session.id, "preset": preset, "from_preset": switch.from_preset}

        return self._request(request, ask, 200, words)

    def wait(self, time: timedelta, words: str, *, full: bool = False) -> Act:
        self.clock.advance(time)
        return self._act(words, full)

    def publish(self, words: str, message: Message, *, full: bool = False) -> Act:
        """Something else on the platform triggers a task."""
        self.task_queue.trigger(message)
        return self._act(words, full)

    def set_session(self, words: str, *, active: bool) -> Act:
        """Sid's session is over, or goes on."""
        self._sessions.add(evolve(self._sessions.get(SESSION), active=active))
        return self._act(words)

    def lock(self, viewer: Viewer | None, words: str) -> Act:
        """The wallet refunds nothing to the viewer, until nobody is locked."""
        self._wallet.locked = None if viewer is None else viewer.id
        return self._act(words)

    def spend(self, viewer: Viewer, amount: int) -> None:
        """Elsewhere on the platform."""
        self._wallet.withdraw(f"spent by {viewer.id}", viewer.id, amount)

    def set_aside(self) -> Act:
        """What ``show-goal check`` names."""
        last = self.container.sweeps().last()
        return self._act(f"show-goal check: {'; '.join(map(set_aside, last.aside if last else ())) or 'nothing'}")

    def lose_messages(self, words: str) -> Act:
        self.task_queue.purge()
        return self._act(words)

    def respond(self, request: Request, ask: Ask, status: int) -> Answer:
        """What the route responds. The demo asks the use case itself, so that it needs no web framework."""
        try:
            body = ask(VIEWERS.get(request.user_id or ""))
        except Refused as refused:
            problem = problem_of(refused, self.clock.now())
            body = {"code": problem.code, **problem.members}
            return Answer(status=problem.status, body=body, retry_after=problem.retry_after)
        return Answer(status=status, body=_converter.unstructure(body))

    def _request(
        self, request: Request, ask: Ask, status: int, words: str, meanwhile: Callable[[], object] = lambda: None
    ) -> Act:
        answer = self.respond(request, ask, status)
        meanwhile()
        self._goal_id = str(answer.body.get("goal_id", self._goal_id))
        return self._act(words, not words, request, answer)

    def _act(self, words: str, full: bool = False, request: Request | None = None, answer: Answer | None = None) -> Act:
        """Run the tasks that are due, and record what has changed."""
        self.container.worker().run_due(quiet=True)  # the traces have what failed
        traces, self._traces[:] = list(self._traces), []
        known, self._passes = self._passes, self._admitted.of(SESSION)
        return Act(
            words=words,
            full=full,
            request=request,
            answer=answer,
            traces=traces,
            passes={viewer_id: new for viewer_id, new in self._passes.items() if known.get(viewer_id) != new},
            ledger=self._wallet.accounts(),
        )
