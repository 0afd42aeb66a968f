"""The streamer switches the active session: ``PATCH /streams/me/preset/<preset>`` (L4)."""

from __future__ import annotations

from attrs import frozen

from ...ports.clock import Clock
from ...ports.errors import TaskQueueUnavailable, UnreadableDocument
from ...ports.goals import Goals
from ...ports.sessions import PresetSwitch, Sessions
from ...ports.task_queue import TaskQueue
from ..errors import NotLoggedIn, SessionNotFound
from ..events import PresetChanged
from ..messages import AdmitViewers, SettleEscrow
from ..model import Goal, Session, Viewer
from ..rules.states import show_began
from ..settings import Settings
from ..showing import Showing
from ..signals import Signals
from ..trace import Tracer, current, require

MOST_AGREED = 100
"""More than a streamer agrees to within a settle_delay."""


@frozen(kw_only=True)
class SwitchPreset:
    sessions: Sessions
    goals: Goals
    showing: Showing
    signals: Signals
    task_queue: TaskQueue
    clock: Clock
    settings: Settings
    tracer: Tracer

    def __call__(self, streamer: Viewer | None, preset: str) -> PresetSwitch:
        """Set the preset of the streamer's active session and send ``session.preset-changed``.

        Of several active sessions the one with an agreed goal is switched, else the newest (D41). On sd the show of its
        agreed goals begins, which makes settlement release their money (D40). Idempotent; the signal is sent each time.
        Raises NotLoggedIn, SessionNotFound; Unavailable and an ExceptionGroup of failed receivers: repeat the request.
        """
        ids = {"streamer_id": streamer.id if streamer else None, "preset": preset}
        with self.tracer.unit("switch_preset", **ids):
            streamer = require(streamer, NotLoggedIn)
            now = self.clock.now()
            waiting = self._look_for_shows(streamer)  # the switch overwrites when the session was on sd before
            switch = require(self.sessions.switch_preset(streamer.id, preset, now, waiting), SessionNotFound)
            self._look_for_shows(streamer)
            self.signals.send(
                PresetChanged(
                    streamer_id=streamer.id,
                    session_id=switch.session.id,
                    preset=preset,
                    from_preset=switch.from_preset,
                    price=switch.session.get_price(preset),
                )
            )
            return switch

    def _look_for_shows(self, streamer: Viewer) -> str | None:
        """Record for each agreed goal when its show began. Returns the active session of the last that was agreed to.

        A goal is looked for before and after the switch: its agreement may be carried out in between, and the request
        before this one may have broken off.
        """
        sessions = [self._session_of(goal) for goal in self.goals.agreed(streamer.id, MOST_AGREED)]
        return next((session.id for session in sessions if session is not None and session.active), None)

    def _session_of(self, goal: Goal) -> Session | None:
        """A session that cannot be read keeps no other show from beginning (D43)."""
        try:
            return self._look_for_show(goal)
        except UnreadableDocument as error:
            current().left_out("session", goal.session_id or "", error)
            return None

    def _look_for_show(self, goal: Goal) -> Session | None:
        now, session = self.clock.now(), self.sessions.fetch(goal.session_id or "")
        began = show_began(goal, session, self.settings.settle_delay)
        if began is not None and goal.show_began is None:
            # Their time begins anew (D38). If the queue is away, nothing is recorded, and a repeat does it all.
            self.task_queue.trigger(AdmitViewers(goal_id=goal.id, began=began.isoformat()))
            self.goals.begin_show(goal.id, began)
        seen = self.showing.record(goal, session, now)
        self.showing.tell_began(goal, seen)
        if seen.on_sd != goal.on_sd and seen.on_sd[-1].until is not None:
            self._ask(SettleEscrow(goal_id=goal.id))
        return session

    def _ask(self, message: SettleEscrow) -> None:
        """The rule says when a show is over that has left sd. If the queue is away, a sweep asks it."""
        try:
            self.task_queue.trigger(message)
        except TaskQueueUnavailable as error:
            current().left_out("message", message.name, error)
