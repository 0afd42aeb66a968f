"""Sessions that break a promise about their claim, their private goals or their preset."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from attrs import evolve

from show_goal.adapters.memory import MemorySessions
from show_goal.adapters.memory.session_goals import Record
from show_goal.core.model import Claim, Session
from show_goal.ports.sessions import PresetSwitch
from show_goal.testing.conformance import SessionsConformance, SessionsUnderTest
from show_goal.testing.conformance.examples import TICK

from .breaking import WrongAdapters, after, gap
from .wrong_pages import behind_the_exp, from_the_front

WRONG = WrongAdapters(
    SessionsConformance,
    MemorySessions,
    lambda it: SessionsUnderTest(sessions=it, store=it.add, private_goals=it.private_goals),
)
BIND = "bind_trigger_private_goal"
END = "end_trigger_private_goal"


def record_of(right: Any, session_id: str) -> Any:
    return right.__self__._records.get(session_id)


def put(sessions: Any, session_id: str, **changes: Any) -> Session:
    """Store the session with changes."""
    record: Record = sessions._records[session_id]
    session = evolve(record.session, **changes)
    sessions._records[session_id] = evolve(record, session=session)
    return session


def put_record(right: Any, session_id: str, **changes: Any) -> Any:
    """Store what the session keeps with changes."""
    record = record_of(right, session_id)
    return record and right.__self__._put(evolve(record, **changes))


def active_only(right: Any, session_id: str, *args: object, **kwargs: object) -> Any:
    return right.__self__._active(session_id) and right(session_id, *args, **kwargs)


def shifted(tick: Any) -> Callable[..., Any]:
    """A method that gets a claim, and another time."""
    return lambda right, session_id, claim, now, **to: right(session_id, claim, now + tick, **to)


for method in ("fetch_active", "claim", "renew_claim", BIND):
    WRONG.raises(method, "_records", f"{method}.none")
WRONG.raises(END, "_records", f"{END}.missing")
WRONG.raises(END, "_records", f"{END}.returned")
WRONG.raises("fetch", "_records", "fetch.unknown")
for tick in (TICK, -TICK):
    WRONG.add("claim.live", "a claim is live while exp > now", claim=shifted(tick))
    WRONG.add(f"{BIND}.live", "a claim is live while exp > now", bind_trigger_private_goal=shifted(tick))

WRONG.add("fetch_active.whole", "a field changed", fetch_active=after(lambda session: evolve(session, pricing={})))
WRONG.add("fetch_active.none", "no active session", fetch_active=lambda right, key: right.__self__.get(key))


def claiming(then: Callable[[Any, str, Claim, Claim | None], Claim | None]) -> Callable[..., Any]:
    """Claim the session, and then do something else."""
    return lambda right, key, claim, now: then(right.__self__, key, claim, right(key, claim, now))


def prolong(sessions: Any, session_id: str, claim: Claim, stored: Claim | None) -> Claim | None:
    repeat = stored is not None and stored.goal_id == claim.goal_id
    return put(sessions, session_id, claim=claim).claim if repeat else stored


WRONG.add("claim.takes", "not all that changed", claim=claiming(lambda it, key, *_: put(it, key, preset=None).claim))
WRONG.add("claim.stands", "the live claim is not returned", claim=claiming(prolong))
WRONG.add("claim.none", "no active session is", claim=claiming(lambda it, key, claim, stored: stored or claim))


WRONG.add(
    "claim.whole",
    "the first viewer is not returned",
    claim=lambda right, key, claim, now: right(key, Claim(goal_id=claim.goal_id, exp=claim.exp), now),
)
WRONG.add("renew_claim.renews", "nobody renewed its claim", renew_claim=lambda right, key, goal_id, **to: False)
WRONG.add(
    "renew_claim.back", "not taken back", renew_claim=lambda right, key, goal_id, renewed=True: right(key, goal_id)
)
WRONG.add("renew_claim.unbound", "the goal is bound", _bound=lambda right, record, goal_id: False)
WRONG.races("renew_claim.once", "more than once", "renew_claim", "_records", lambda it: not it.session.claim.renewed)
WRONG.races("claim.one", "gets the stored claim", "claim", "_records", lambda record: record.session.claim is None)


WRONG.add(
    f"{BIND}.pushes",
    "the session is not returned with the goal as its last",
    bind_trigger_private_goal=lambda right, key, *of: right(key, *of) and put(right.__self__, key, preset=None),
)


@WRONG.breaks(f"{BIND}.once", "the goal was appended twice")
class PushesAgainInARace(MemorySessions):
    def bind_trigger_private_goal(self, session_id: str, claim: Claim, now: datetime) -> Session | None:
        record = self._records[session_id]
        if any(element.goal == claim.goal_id for element in record.private_goals):
            return record.session
        with gap(self):
            record = self._records[session_id]
            pushed = Session.TriggerPrivateGoal(goal=claim.goal_id)
            return self._replace(record, record.session, (*record.private_goals, pushed))


def free_for_its_own(right: Any, goal_id: str, claim: Claim | None, now: datetime) -> bool:
    """Bind a goal only if the session has its live claim, and not if the session has no claim."""
    return claim is not None and claim.goal_id == goal_id and claim.live(now)


WRONG.add(f"{BIND}.free", "is what prevents binding", _free_for=free_for_its_own)


def rewrite(sessions: Any, session_id: str, **changes: Any) -> None:
    """Store every private goal with changes."""
    record = sessions._records[session_id]
    sessions._replace(record, record.session, tuple(evolve(goal, **changes) for goal in record.private_goals))


def ending(then: Callable[..., object]) -> Callable[..., Any]:
    """End the goal, and then do something else: ``then`` gets the claim as it was, and the end."""

    def call(right: Any, key: str, goal_id: str, *, ended: Any, agreed: Any) -> None:
        sessions = right.__self__
        with gap(sessions):
            claim = sessions._records[key].session.claim
            right(key, goal_id, ended=ended, agreed=agreed)
            then(sessions, key, claim, agreed or ended)

    return call


ENDS: list[tuple[str, str, Callable[..., Any]]] = [
    ("writes", "another goal was ended too", ending(lambda it, key, claim, end: rewrite(it, key, goal_ended=end))),
    ("first", "two ends were mixed", ending(lambda it, key, claim, end: rewrite(it, key, goal_agreed=end))),
    ("claim", "still holds the session", ending(lambda it, key, claim, end: put(it, key, claim=claim))),
    ("inactive", "the goal was not ended", active_only),
]
for short, says, wrong in ENDS:
    WRONG.add(f"{END}.{short}", says, end_trigger_private_goal=wrong)


@WRONG.breaks("switch_preset.none", "has no active session")
class SwitchesAnySession(MemorySessions):
    def switch_preset(self, streamer_id: str, *to: Any, **which: Any) -> PresetSwitch | None:
        (streamer,) = [record.session.streamer_id for record in self._records.values() if record.session.active]
        return super().switch_preset(streamer, *to, **which)


@WRONG.breaks("switch_preset.at_once", "a switch does not say what was before it")
class SwitchesFromWhatItRead(MemorySessions):
    def switch_preset(self, streamer_id: str, *to: Any, **which: Any) -> PresetSwitch | None:
        (read,) = [record.session.preset for record in self._records.values()]
        gap(self).wait()
        switch = super().switch_preset(streamer_id, *to, **which)
        return switch and evolve(switch, from_preset=read)


WRONG.add("unbound.late", "a claim is live while exp > now", unbound=lambda right, now, limit: right(now - TICK, limit))
WRONG.add("unbound.limit", "not as many as asked for", unbound=lambda right, now, limit: right(now, 99))
WRONG.add("unbound.pages", "twice", unbound=from_the_front)
WRONG.add("unbound.pages", "missing", unbound=behind_the_exp)
WRONG.add("switch_preset.switches", "result is wrong", switch_preset=after(lambda it: evolve(it, from_preset="")))


def beginning_anew(right: Any, streamer_id: str, preset: str, now: datetime, session_id: str | None = None) -> Any:
    """Each switch to sd is a new beginning, and each to another preset an end."""
    switch = right(streamer_id, preset, now, session_id)
    times = {"sd_since": now, "sd_until": None} if preset == "sd" else {"sd_until": now}
    return evolve(switch, session=put(right.__self__, switch.session.id, **times))


def without_times(right: Any, streamer_id: str, preset: str, now: datetime, session_id: str | None = None) -> Any:
    switch = right(streamer_id, preset, now, session_id)
    return evolve(switch, session=put(right.__self__, switch.session.id, sd_since=None, sd_until=None))


WRONG.add(
    "switch_preset.which", "that was asked for", switch_preset=lambda right, who, to, now, one=None: right(who, to, now)
)
WRONG.add("switch_preset.to_sd", "the times are wrong", switch_preset=without_times)
WRONG.add("switch_preset.to_sd", "nobody knows since when", switch_preset=beginning_anew)
WRONG.add("switch_preset.from_sd", "the times are wrong", switch_preset=without_times)
WRONG.add("switch_preset.from_sd", "the times are wrong", switch_preset=beginning_anew)
DROP = "drop_trigger_private_goal"
WRONG.raises(DROP, "_records", f"{DROP}.missing")


def drop_all(right: Any, session_id: str, goal_id: str, ended: datetime) -> None:
    right(session_id, goal_id, ended=ended)
    right.__self__._replace(record_of(right, session_id), right.__self__.get(session_id), ())


def drop_without_the_claim(right: Any, session_id: str, goal_id: str, ended: datetime) -> None:
    claim = right.__self__.get(session_id).claim
    right(session_id, goal_id, ended=ended)
    put(right.__self__, session_id, claim=claim)


def drop_without_closing(right: Any, session_id: str, goal_id: str, ended: datetime) -> None:
    right(session_id, goal_id, ended=ended)
    put_record(right, session_id, closed_claim=None)


def drop_and_open(right: Any, session_id: str, goal_id: str, ended: datetime) -> None:
    right(session_id, goal_id, ended=ended)
    put_record(right, session_id, closed_claim=goal_id)


def close_and_forget(right: Any, session_id: str, goal_id: str) -> None:
    right(session_id, goal_id)
    if record_of(right, session_id):
        put(right.__self__, session_id, claim=None)


def close_any(right: Any, session_id: str, goal_id: str) -> None:
    record = record_of(right, session_id)
    if record and record.session.claim:
        right(session_id, record.session.claim.goal_id)


WRONG.add(f"{DROP}.drops", "another goal has left", drop_trigger_private_goal=drop_all)
WRONG.add(f"{DROP}.claim", "still holds the session", drop_trigger_private_goal=drop_without_the_claim)
WRONG.add("over.over", "over and claimed", over=lambda right, now, *to: right(now - TICK, *to))
WRONG.add("over.over", "over and claimed", over=lambda right, now, *to: right.__self__.unbound(now, *to))
WRONG.add("over.limit", "not as many as asked for", over=lambda right, now, limit: right(now, 99))
WRONG.add("over.pages", "twice", over=from_the_front)
WRONG.add("over.pages", "missing", over=behind_the_exp)
WRONG.add("lapsed.lapsed", "a claim lapses at its exp", lapsed=lambda right, to, *of: right(to - TICK, *of))
WRONG.add("lapsed.lapsed", "the goal is bound", _bound=lambda right, record, goal_id: False)
WRONG.add("lapsed.limit", "not as many as asked for", lapsed=lambda right, before, limit: right(before, 99))
WRONG.add("lapsed.pages", "twice", lapsed=from_the_front)
WRONG.add("lapsed.pages", "missing", lapsed=behind_the_exp)
WRONG.raises("close_claim", "_records", "close_claim.missing")
WRONG.add("close_claim.closed", "is listed again", close_claim=lambda right, key, goal_id: None)
WRONG.add("close_claim.closed", "something changed", close_claim=close_and_forget)
WRONG.add("close_claim.other", "another goal's claim", close_claim=close_any)
WRONG.add(f"{DROP}.claim", "open again", drop_trigger_private_goal=drop_and_open)
WRONG.add(f"{DROP}.told", "its viewer knows", drop_trigger_private_goal=drop_without_closing)
WRONG.add("fetch.any", "missing or changed", fetch=lambda right, key: right.__self__.fetch_active(key))
WRONG.add(
    f"{END}.returned", "another session", end_trigger_private_goal=after(lambda session: evolve(session, claim=None))
)
