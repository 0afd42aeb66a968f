"""Where the demo is played: one in-memory platform, in virtual time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from ...adapters.memory import MemoryClock
from ...core.errors import Refused
from ...core.messages import Message, Sweep
from ...core.model import Viewer, ViewerPass
from ...core.trace import Trace
from . import cast
from .cast import SESSION, SID
from .scene import Act, Answer, Ledger, Request, Scene

ANSWER_WITHIN = timedelta(minutes=5)

Ask = Callable[[Viewer | None], Answer]


class Stage:
    """Plays acts on one platform, in virtual time. ``adapters`` replaces what the container would use otherwise."""

    def __init__(self, **adapters: Any) -> None:
        self.clock = MemoryClock()
        self._traces: list[Trace] = []
        self._platform = cast.platform(self.clock, trace_sink=self._traces.append, **adapters)
        self.container = self._platform.container
        self._before: Ledger = self._platform.wallet.accounts()
        self._passes: Mapping[str, ViewerPass] = {}
        self._goal_id = ""

    def scene(self, title: str, acts: Sequence[Act], remark: str = "") -> Scene:
        scene = Scene(title=title, remark=remark, before=self._before, acts=acts)
        self._before = scene.after
        return scene

    def invite(self, viewer: Viewer | None, words: str = "", *, session_id: str = SESSION, **body: object) -> Act:
        exp = int((self.clock.now() + ANSWER_WITHIN).timestamp())
        request = Request(
            user_id=viewer.id if viewer else None,
            method="POST",
            path=f"/sessions/{session_id}/trigger_private",
            body={"exp": exp, "duration": 90, **body},
        )

        def ask(user: Viewer | None) -> Answer:
            return Answer.accepted(self.container.trigger_private_session()(session_id, user, request.body))

        return self._ask(request, ask, words)

    def reply(self, agree: bool, words: str = "") -> Act:
        """Sid answers the goal of the last invitation."""
        path = f"/goals/{self._goal_id}"
        request = Request(user_id=SID.id, method="DELETE", path=path, body={"agree": agree})
        return self._ask(
            request,
            lambda user: Answer.answered(self.container.answer_goal()(self._goal_id, user, request.body)),
            words,
        )

    def switch(self, preset: str, words: str = "") -> Act:
        request = Request(user_id=SID.id, method="PATCH", path=f"/streams/me/preset/{preset}")
        return self._ask(request, lambda user: Answer.switched(self.container.switch_preset()(user, preset)), words)

    def wait(self, time: timedelta, words: str) -> Act:
        self.clock.advance(time)
        return self._act(words)

    def publish(self, goal_id: str, words: str, *messages: Message) -> Act:
        """The platform's other features publish tasks about a goal of theirs."""
        self._goal_id = goal_id
        for message in messages:
            self.container.task_queue().trigger(message)
        return self._act(words)

    def lose_messages(self, words: str) -> Act:
        self._platform.task_queue.purge()
        return self._act(words)

    def sweep(self, words: str) -> Act:
        self.container.task_queue().trigger(Sweep())
        return self._act(words)

    def answer(self, request: Request, ask: Ask) -> Answer:
        user = self.container.viewers().get(request.user_id) if request.user_id else None
        try:
            return ask(user)
        except Refused as refused:
            return Answer.refused(refused, self.clock.now())

    def _ask(self, request: Request, ask: Ask, words: str) -> Act:
        answer = self.answer(request, ask)
        self._goal_id = str(answer.body.get("goal_id", self._goal_id))
        return self._act(words, request, answer)

    def _act(self, words: str, request: Request | None = None, answer: Answer | None = None) -> Act:
        """Let the worker run what is due, and look at what has become of it all."""
        self.container.worker().run_due()
        traces, self._traces[:] = list(self._traces), []
        known, self._passes = self._passes, dict(self._platform.sessions.viewers(SESSION))
        return Act(
            words=words,
            goal_id=self._goal_id,
            request=request,
            answer=answer,
            traces=traces,
            ledger=self._platform.wallet.accounts(),
            passes={viewer_id: one for viewer_id, one in self._passes.items() if known.get(viewer_id) != one},
        )
