"""What has happened so far: the shadow that the platform's answers are compared with."""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime

from attrs import define, field, frozen

from ...core.decision import Settlement
from ...core.model import Goal, Invitation, Session, Viewer
from ...core.names import PRESET_SD, TRIGGER_PRIVATE_GOAL
from ...core.requests.trigger_private import Accepted as Answer
from ...core.rules.states import GoalState
from .bought import Bought
from .faults import Calls, Frame

PROMISED = "a viewer is promised one price for a goal, and pays that (D30)"


@frozen
class Violation:
    """A broken promise: its sentence, and what broke it, with the ids."""

    invariant: str
    what: str


@define
class History:
    """A fact that changes. Each change is noted with the port call at which it happened."""

    notes: list[tuple[int, bool]] = field(factory=list)

    def note(self, call: int, so: bool) -> None:
        self.notes.append((call, so))

    def since(self, call: int) -> set[bool]:
        """Every value from that call on. Before the first note the fact is false."""
        before = [False, *(so for at, so in self.notes if at <= call)]
        return {before[-1], *(so for at, so in self.notes if at > call)}


@define
class TimeOnSd:
    """From when until when a session was on sd, and the port call at which that began."""

    call: int
    since: datetime
    until: datetime | None = None
    left_at: int = 0
    """After how many port calls."""

    def ended_by(self, at: datetime) -> bool:
        """By the clock. A request to leave that stalls is carried out later, and says when it began."""
        return self.until is not None and self.until <= at

    def meets(self, after: datetime, before: datetime) -> bool:
        return self.since < before and (self.since >= after or self.until is None or self.until >= after)


@frozen
class Rate:
    """A price, from the port call at which it began."""

    call: int
    per_minute: int

    def amount(self, duration: int) -> int:
        """In the smallest unit, rounded up (D11)."""
        return -(-self.per_minute * duration // 60)


@define
class GoalRecord:
    id: str
    _cls: str = field(default=TRIGGER_PRIVATE_GOAL, alias="_cls")
    session_id: str = ""
    exp: datetime | None = None
    state: GoalState = GoalState.CLAIMED  # as the invariants last saw it
    heard: dict[str, set[str]] = field(factory=dict)  # the channels that got a notification about it, by event

    inserted: bool = False
    bound: bool = False
    bound_at: int = 0  # after how many port calls; the same for ended_at and decided_at
    created: bool = False  # its create_goal was carried out, after it got its slot
    ended: Goal | None = None  # as it first ended
    ended_at: int = 0
    ended_by: Frame | None = None  # the action that ended it
    end_in_session: bool = False  # the session was told of its end
    dropped: bool = False  # nobody could pay for it, so it left its session (D33)
    paid_at: int = 0  # after how many port calls it got its first hold
    claimed_at: int = 0  # after how many port calls it got its session
    asked_by: str | None = None  # who claimed the session for it, and what that claim promises them (D30)
    promised: int | None = None
    show_began: datetime | None = None
    decided: Settlement | None = None
    decided_at: int = 0
    settled: bool = False
    settled_at: int = 0

    # Of the neighbour classes
    viewer_id: str | None = None  # whose exclusive show it is
    follows: str | None = None  # the goal that its context names
    followed: History = field(factory=History)  # whether its context names the show that follows it
    has_slot: bool = False  # its slot in the session is still its own
    end_in_slot: bool = False  # its end is written there

    @property
    def private(self) -> bool:
        return self._cls == TRIGGER_PRIVATE_GOAL

    @property
    def agreed(self) -> bool:
        return self.ended is not None and self.ended.agreed is not None

    def over(self, now: datetime) -> bool:
        return self.ended is not None or self.dropped or (self.exp is not None and self.exp <= now)


@define
class SessionRecord:
    id: str
    streamer_id: str
    active: bool
    preset: str | None
    live: History = field(factory=History)  # whether it was active
    on_sd: list[TimeOnSd] = field(factory=list)
    running: History = field(factory=History)  # whether a show was running (D12)
    bought: Bought = field(factory=Bought)
    rates: list[Rate] = field(factory=list)  # what a show has cost; the last one is of now
    seen: datetime | None = None  # its last sign of life, if the host writes one
    died: datetime | None = None  # when it went silent, or its host ended it
    died_at: int = 0  # after how many port calls

    def die(self, now: datetime, call: int) -> None:
        if self.died is None:
            self.died, self.died_at = now, call

    def note(self, call: int) -> None:
        self.live.note(call, self.active)

    def switch(self, preset: str, now: datetime, call: int) -> None:
        if preset == PRESET_SD and self.preset != PRESET_SD:
            self.on_sd.append(TimeOnSd(call=call, since=now))
        elif preset != PRESET_SD and self.preset == PRESET_SD:
            self.on_sd[-1].until, self.on_sd[-1].left_at = now, call
        self.preset = preset

    def switched_since(self, call: int) -> bool:
        return any(max(one.call, one.left_at) >= call for one in self.on_sd)

    def unclear(self, agreed: datetime, call: int) -> Set[datetime]:
        """When it went to sd and left at one moment, or by the clock before. Nobody can tell if it was back at once.

        The clock may go back, and a request that stalled writes the time at which it began. ``call``: after how many
        port calls the agreement was carried out.
        """
        since_agreed = [one for one in self.on_sd if one.since >= agreed or one.left_at > call or one.until == agreed]
        times = [(max(one.since, agreed), one.until) for one in since_agreed]
        return {since for since, until in times if until is not None and until <= since}

    def rates_since(self, call: int) -> list[Rate]:
        """Every rate from that port call on."""
        before = [rate for rate in self.rates if rate.call <= call]
        return [*before[-1:], *(rate for rate in self.rates if rate.call > call)]


@frozen(kw_only=True)
class Asked:
    """A viewer's request. ``ttl`` is what its ``exp`` was made of."""

    viewer: Viewer
    session_id: str
    ttl: int
    invitation: Invitation
    key: str | None = None

    @property
    def place(self) -> tuple[str, str, str]:
        """Whose key it is (D29)."""
        return self.viewer.id, self.session_id, self.key or ""

    def __str__(self) -> str:
        said = f"{self.viewer.id} into {self.session_id} for {self.ttl} s, {self.invitation.duration} s of show"
        shown = "" if self.invitation.amount is None else f", {self.invitation.amount} shown"
        return said + shown + (f", {self.key}" if self.key else "")


@frozen(kw_only=True)
class Accepted:
    """An invitation that was answered with 202."""

    transaction_id: str
    goal_id: str
    session_id: str
    viewer_id: str
    duration: int
    amount: int

    @classmethod
    def of(cls, asked: Asked, answer: Answer) -> Accepted:
        return cls(
            transaction_id=answer.transaction_id,
            goal_id=answer.goal_id,
            session_id=asked.session_id,
            viewer_id=asked.viewer.id,
            duration=asked.invitation.duration,
            amount=answer.amount,
        )


class Records:
    def __init__(self, calls: Calls, now: datetime) -> None:
        self.calls = calls
        self.latest = now  # the latest time that the clock ever showed
        self.set_back_at = 0  # after how many port calls the clock was last set back
        self.goals: dict[str, GoalRecord] = {}
        self.sessions: dict[str, SessionRecord] = {}
        self.accepted: dict[str, Accepted] = {}  # by transaction id
        self.asked_for: dict[Asked, set[str]] = {}  # the transactions that a request with a key asked for
        self.unheard: set[str] = set()  # those of whose refusal the channel service let no viewer hear
        self.told: set[str] = set()  # the transactions whose trace says that they were refused
        self.held_otherwise: set[str] = set()  # joiners' transactions that hold another amount than their last 202 said
        self.snapshots_stopped_by: dict[str, set[str]] = {}  # the goals that stop the snapshots, by streamer
        self.touched: set[str] = set()  # the goals that may have changed since the last check
        self.violations: list[Violation] = []

    @property
    def frame(self) -> Frame | None:
        """The action at work."""
        return self.calls.frames[-1] if self.calls.frames else None

    @property
    def neighbours(self) -> list[GoalRecord]:
        """The goals of the neighbour classes."""
        return [goal for goal in self.goals.values() if not goal.private]

    def goal(self, goal_id: str) -> GoalRecord:
        """The goal's record, a new one for a new goal. The goal counts as touched."""
        self.touched.add(goal_id)
        if goal_id not in self.goals:
            self.goals[goal_id] = GoalRecord(goal_id)
        return self.goals[goal_id]

    def session_of(self, goal: GoalRecord) -> SessionRecord:
        return self.sessions[goal.session_id]

    def add_session(self, session: Session) -> None:
        record = SessionRecord(session.id, session.streamer_id, session.active, session.preset)
        record.rates.append(Rate(self.calls.made, session.pricing[PRESET_SD]))
        record.note(self.calls.made)
        self.sessions[session.id] = record

    def end_session(self, session_id: str, now: datetime) -> None:
        record = self.sessions[session_id]
        record.die(now, self.calls.made)
        record.active = False
        record.note(self.calls.made)

    def accept(self, accepted: Accepted) -> None:
        self.keep_promise(accepted.transaction_id, accepted.amount)
        self.accepted[accepted.transaction_id] = accepted

    def keep_promise(self, transaction_id: str, amount: int, *, held: bool = False) -> None:
        """A joiner's promise ends if its transfer is refused, and at its exp, before which the clock may go back (D30).

        ``held``: a request that got no answer may have sent its transfer before they asked for another amount.
        """
        before = self.accepted.get(transaction_id)
        if before is None or amount == before.amount:
            return
        joined = self.goal(before.goal_id).asked_by != before.viewer_id
        if joined and held:
            self.held_otherwise.add(transaction_id)
        elif not joined or not (self.set_back_at or transaction_id in self.told | self.held_otherwise):
            self.broken(PROMISED, f"{transaction_id} was accepted for {before.amount}, and now it is {amount}")

    def broken(self, invariant: str, what: str) -> None:
        self.violations.append(Violation(invariant, what))
