"""Watches goals, private goals in their sessions, notifications and snapshots: what changes, and whether it may."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from ...core import names
from ...core.decision import Settlement
from ...core.messages import Message, Transfer
from ...core.model import Claim, Goal, Session, ViewerPass
from ...core.settings import Settings
from ...ports.notifier import Notification
from ...ports.sessions import PresetSwitch
from .records import Asked, GoalRecord, Records, SessionRecord, TimeOnSd

ENDS_ONCE = "a goal ends once (D26)"
DECIDED_ONCE = "an escrow is decided once (L3)"
DECIDED_RIGHTLY = (
    "an escrow is released when the streamer agreed and the show began in time, and refunded otherwise (D40)"
)
BEGAN_ONCE = "a show begins once (D40)"
EARNED_RIGHTLY = "an escrow is released when the streamer has earned it, and refunded otherwise (N7)"
EXISTS_FIRST = "a goal that is bound exists (D24)"
ANNOUNCED_FIRST = "nothing is announced that does not exist (D23, L3)"
STOPPED_BY = "only an exclusive goal stops snapshots, until it ends (N6)"

EARNED_BY_WHAT_FOLLOWS = (names.SHOW_FUNDING_GOAL, names.TRIGGER_EXCLUSIVE_GOAL)
SHOWS = (names.SHOW_GOAL, names.EXCLUSIVE_GOAL)


class Watchers:
    """Each method is named after the port and the call that it watches, and gets the call's result first."""

    def __init__(self, records: Records, settings: Settings, *, metered: bool) -> None:
        """If viewers pay for what was shown, ``Shown`` says when an escrow is refunded."""
        self._records = records
        self._settings = settings
        self._metered = metered

    # Goals

    def goals_insert(self, result: Goal, goal: Goal) -> None:
        record = self._records.goal(goal.id)
        record.inserted = True
        record.session_id, record.exp = result.session_id or "", record.exp or result.exp
        if record.ended is not None and result.active:
            self._records.broken(ENDS_ONCE, f"goal {goal.id} had ended and is active again")

    def goals_end(self, result: Goal | None, goal_id: str, now: datetime, **_: object) -> None:
        if result is None or result.active:
            return
        record = self._records.goal(goal_id)
        if record.ended is None:
            record.ended, record.exp, record.ended_at = result, record.exp or result.exp, self._records.calls.made
            record.ended_by = self._records.frame
        elif _end_of(result) != _end_of(record.ended):
            what = f"goal {goal_id} ended as {_end_of(record.ended)}, and again as {_end_of(result)}"
            self._records.broken(ENDS_ONCE, what)

    def goals_decide(self, result: Goal | None, goal_id: str, settlement: Settlement, *_: object) -> None:
        if result is None:
            return
        record = self._records.goal(goal_id)
        if record.decided is None:
            record.decided, record.decided_at = result.settlement, self._records.calls.made
            self._is_decided_rightly(record)
        elif result.settlement is not record.decided:
            self._records.broken(DECIDED_ONCE, f"goal {goal_id} was {record.decided}, and is {result.settlement}")

    def goals_mark_settled(self, result: None, goal_id: str) -> None:
        goal = self._records.goal(goal_id)
        goal.settled, goal.settled_at = True, goal.settled_at or self._records.calls.made

    def _is_decided_rightly(self, goal: GoalRecord) -> None:
        """The task may read goal and session at any time between its beginning and the decision."""
        frame, session = self._records.frame, self._records.sessions.get(goal.session_id)
        if frame is None or session is None:
            return
        if self._metered and goal.private and goal.agreed and goal.decided is Settlement.REFUNDED:
            return
        fit = self._began(goal, session, frame.started) if goal.private else session.live.since(frame.started)
        paid = {0 < goal.paid_at <= call for call in (frame.started, self._records.calls.made)}
        might = {e and was and p for e in _earned(goal, frame.started) for was in fit for p in paid}
        if (goal.decided is Settlement.RELEASED) not in might:
            self._records.broken(
                DECIDED_RIGHTLY if goal.private else EARNED_RIGHTLY,
                f"{goal._cls} {goal.id}, agreed {goal.agreed}, is {goal.decided}; session {session.id} was "
                f"{'active' if session.active else 'over'}, on {session.preset}",
            )

    def _began(self, goal: GoalRecord, session: SessionRecord, call: int) -> set[bool]:
        """Whether the show had begun in time, at any time from that call on (D40)."""
        ended = goal.ended
        if ended is None or ended.agreed is None or ended.ended is None:
            return {False}
        agreed, back, call_of_end = ended.agreed, self._records.set_back_at, goal.ended_at
        met = [one for one in session.on_sd if one.meets(agreed, ended.ended + self._settings.settle_delay)]
        late = any(one.call > call_of_end and one.since < agreed for one in session.on_sd)
        late = late or any(one.left_at > call_of_end and one.ended_by(agreed) for one in session.on_sd)
        if late or any(one.until == agreed or one.call < back for one in session.on_sd):
            return {True, False}  # by the clock it is not clear what was first
        if met and all(one in _forgotten(goal, session) for one in met):
            return {True, False}
        return {any(one.call <= at for one in met) for at in (call, self._records.calls.made)}

    # Private goals in their sessions. ``slots.py`` watches the other classes.

    def sessions_claim(self, result: Claim | None, session_id: str, claim: Claim, now: datetime) -> None:
        if result is not None:
            record = self._records.goal(result.goal_id)
            record.session_id, record.exp = session_id, result.exp
            record.claimed_at = record.claimed_at or self._records.calls.made
            record.asked_by, record.promised = result.triggered_by, result.amount

    def task_queue_trigger(self, result: None, message: Message, **_: object) -> None:
        frame = self._records.frame
        if isinstance(message, Transfer) and frame is not None and isinstance(frame.asking, Asked):
            self._records.asked_for.setdefault(frame.asking, set()).add(message.transaction_id)

    def sessions_bind_trigger_private_goal(
        self, result: Session | None, session_id: str, claim: Claim, now: datetime
    ) -> None:
        if result is None:
            return
        record = self._records.goal(claim.goal_id)
        record.bound = True
        if not record.inserted:
            self._records.broken(EXISTS_FIRST, f"goal {record.id} is bound to session {session_id} and does not exist")

    def sessions_end_trigger_private_goal(self, result: None, session_id: str, goal_id: str, **_: object) -> None:
        self._records.goal(goal_id).end_in_session = True

    def sessions_drop_trigger_private_goal(self, result: None, session_id: str, goal_id: str, **_: object) -> None:
        goal = self._records.goal(goal_id)
        goal.end_in_session = goal.dropped = True

    def passes_admit(
        self, result: None, session_id: str, goal_id: str, viewers: Mapping[str, ViewerPass], now: datetime
    ) -> None:
        for viewer_id, given in viewers.items():
            self._records.sessions[session_id].bought.give(viewer_id, goal_id, given, now)

    def passes_take_back(
        self, result: None, session_id: str, goal_id: str, viewer_ids: Iterable[str], now: datetime
    ) -> None:
        for viewer_id in viewer_ids:
            self._records.sessions[session_id].bought.take_back(viewer_id, goal_id, now)

    def passes_shorten(
        self, result: None, session_id: str, goal_id: str, ends: Mapping[str, datetime], now: datetime
    ) -> None:
        for viewer_id, at in ends.items():
            self._records.sessions[session_id].bought.shorten(viewer_id, goal_id, at, now)

    def sessions_switch_preset(
        self, result: PresetSwitch | None, streamer_id: str, preset: str, now: datetime, *_: object
    ) -> None:
        if result is not None:
            self._records.sessions[result.session.id].switch(preset, now, self._records.calls.made)

    def goals_begin_show(self, result: Goal | None, goal_id: str, at: datetime) -> None:
        if result is not None and result.show_began is not None:
            record = self._records.goal(goal_id)
            record.show_began = record.show_began or result.show_began
            if result.show_began != record.show_began:
                self._records.broken(BEGAN_ONCE, f"the show of goal {goal_id} began at {record.show_began}, and {at}")

    # Notifications, the feed and tracking

    def notifier_notify(self, result: None, notification: Notification) -> None:
        goal = self._records.goal(str(notification.payload["goal_id"]))
        self._is_true(notification.event, goal)
        goal.heard.setdefault(notification.event, set()).update(notification.channels)

    def feed_publish(self, result: None, streamer_id: str, goal_id: str, entry: Mapping[str, object]) -> None:
        self._is_true(names.GOAL_ADDED, self._records.goal(goal_id))

    def tracker_track(self, result: None, event: str, occurrence: str, properties: Mapping[str, object]) -> None:
        self._is_true(event, self._records.goal(str(properties["goal_id"])))

    def _is_true(self, event: str, goal: GoalRecord) -> None:
        true = {
            names.GOAL_ADDED: goal.inserted and goal.bound,
            names.GOAL_ENDED: goal.ended is not None,
            names.STREAM_AUTHORIZED: goal.agreed if goal.private else goal.inserted and goal._cls in SHOWS,
            names.KARAOKE_GOAL_UPDATED: goal.inserted and goal._cls == names.KARAOKE_GOAL,
            names.INVITATION_LAPSED: not goal.inserted or goal.private,
            names.GOAL_SETTLED: not goal.inserted or goal.private,
            names.EXCLUSIVE_CLOSED: goal.ended is not None and goal._cls == names.EXCLUSIVE_GOAL,
        }
        if not true.get(event, goal.inserted):
            self._records.broken(ANNOUNCED_FIRST, f"{event} is announced of goal {goal.id}, and is not true")

    # Snapshots

    def rtc_sources_stop_snapshots(self, result: None, streamer_id: str, goal_id: str) -> None:
        goal = self._records.goal(goal_id)
        if goal._cls != names.EXCLUSIVE_GOAL or not goal.inserted:
            self._records.broken(STOPPED_BY, f"{goal._cls} {goal_id} stops snapshots, inserted {goal.inserted}")
        self._records.snapshots_stopped_by.setdefault(streamer_id, set()).add(goal_id)

    def rtc_sources_resume_snapshots(self, result: None, streamer_id: str, goal_id: str) -> None:
        if self._records.goal(goal_id).ended is None:
            self._records.broken(STOPPED_BY, f"goal {goal_id} has not ended, and snapshots are taken again")
        self._records.snapshots_stopped_by.get(streamer_id, set()).discard(goal_id)


def _earned(goal: GoalRecord, call: int) -> set[bool]:
    """Whether the streamer had earned the escrow, at any time from that call on (L3, N7)."""
    if goal._cls in EARNED_BY_WHAT_FOLLOWS:
        return goal.followed.since(call)
    return {goal.agreed and goal._cls != names.KARAOKE_GOAL}


def _forgotten(goal: GoalRecord, session: SessionRecord) -> Sequence[TimeOnSd]:
    """A session remembers only its last time on sd while an agreement waits in the queue."""
    return [one for one in session.on_sd if one.call < goal.ended_at][:-1]


def _end_of(goal: Goal) -> tuple[object, ...]:
    return goal.exp, goal.agreed, goal.metadata.get("cooldown")
