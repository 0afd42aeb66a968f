"""What has happened so far, kept beside the platform and independent of it: the shadow that its answers are held to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from attrs import define, field, frozen

from ...core.errors import GoalUnknown, InsufficientBalance, Refused, TransactionConflict
from ...core.messages import Transfer
from ...core.model import Goal, Session, Settlement
from ...core.names import PRESET_SD, TRIGGER_PRIVATE_GOAL
from ...core.rules.states import GoalState
from .calls import Calls, Frame
from .network import Letter

PAID = "an accepted invitation is paid for while its goal goes on (D27)"


@frozen
class Violation:
    """A broken promise: which one, and by what; ``what`` names the ids."""

    invariant: str
    what: str


@define
class History:
    """What was so, and from which call of a port on."""

    notes: list[tuple[int, bool]] = field(factory=list)

    def note(self, call: int, so: bool) -> None:
        self.notes.append((call, so))

    def since(self, call: int) -> set[bool]:
        """What it was at any time from that call on; before the first note it was not so."""
        before = [False, *(so for at, so in self.notes if at <= call)]
        return {before[-1], *(so for at, so in self.notes if at > call)}


@define
class GoalRecord:
    id: str
    _cls: str = field(default=TRIGGER_PRIVATE_GOAL, alias="_cls")
    session_id: str | None = None
    exp: datetime | None = None
    inserted: bool = False
    ended: Goal | None = None
    """As it first ended."""
    ended_at: int = 0
    """After how many calls of ports."""
    ended_by: Frame | None = None
    """What was at work then."""
    bound: bool = False
    bound_at: int = 0
    created: bool = False
    """Whether its ``create_goal`` was carried to its end, since it has its place."""
    decided: Settlement | None = None
    decided_at: int = 0
    settled: bool = False
    element_ended: bool = False
    """Whether the session was told of its end."""
    viewer_id: str | None = None
    """Whose exclusive show it is."""
    follows: str | None = None
    """The goal that it names in its context."""
    followed: History = field(factory=History)
    """Whether it names the show, or the exclusive show, that follows it."""
    stands: bool = False
    """Whether its place in the session is still its own."""
    marked: bool = False
    """Whether its end is written there."""
    state: GoalState = GoalState.CLAIMED
    heard: dict[str, set[str]] = field(factory=dict)
    """The channels that heard of it, by event."""

    @property
    def private(self) -> bool:
        return self._cls == TRIGGER_PRIVATE_GOAL

    @property
    def agreed(self) -> bool:
        return self.ended is not None and self.ended.agreed is not None

    def over(self, now: datetime) -> bool:
        return self.ended is not None or (self.exp is not None and self.exp <= now)


@define
class SessionRecord:
    id: str
    streamer_id: str
    active: bool
    preset: str | None
    live: History = field(factory=History)
    """Whether it was active."""
    showing: History = field(factory=History)
    """Whether it was active and on ``sd``."""
    running: History = field(factory=History)
    """Whether a show was running (D12)."""
    admitted: set[str] = field(factory=set)

    def note(self, call: int) -> None:
        self.live.note(call, self.active)
        self.showing.note(call, self.active and self.preset == PRESET_SD)


@frozen
class Promise:
    """An invitation that was answered with 202."""

    transaction_id: str
    goal_id: str
    session_id: str
    viewer_id: str
    duration: int


class Records:
    def __init__(self, calls: Calls, now: Callable[[], datetime]) -> None:
        self.calls = calls
        self.now = now
        self.latest = now()
        """The latest time that any clock ever showed."""
        self.goals: dict[str, GoalRecord] = {}
        self.sessions: dict[str, SessionRecord] = {}
        self.promises: dict[str, Promise] = {}
        self.lost: set[tuple[str, str | None]] = set()
        """Names of messages that the broker lost for good, with their goals."""
        self.touched: set[str] = set()
        """The goals that changed since the last look."""
        self.violations: list[Violation] = []

    def goal(self, goal_id: str) -> GoalRecord:
        self.touched.add(goal_id)
        if goal_id not in self.goals:
            self.goals[goal_id] = GoalRecord(goal_id)
        return self.goals[goal_id]

    def add_session(self, session: Session) -> None:
        record = SessionRecord(session.id, session.streamer_id, session.active, session.preset)
        record.note(self.calls.made)
        self.sessions[session.id] = record

    def end_session(self, session_id: str) -> None:
        record = self.sessions[session_id]
        record.active = False
        record.note(self.calls.made)

    def lose(self, letter: Letter) -> None:
        self.lost.add((letter.name, getattr(letter, "goal_id", None)))

    def was_lost(self, goal_id: str, *names: str) -> bool:
        return any((name, goal_id) in self.lost for name in names)

    def time_moved(self) -> None:
        self.latest = max(self.latest, self.now())

    @property
    def frame(self) -> Frame | None:
        """The action at work."""
        return self.calls.frames[-1] if self.calls.frames else None

    def refused(self, transfer: Transfer, refusal: Refused) -> None:
        """A transfer may be turned away when its goal or its session is over, the purse is empty, or it is paid.

        For a neighbour no claim vouches, before it is there (N2).
        """
        goal = self.goal(transfer.goal_id)
        session = self.sessions.get(goal.session_id or "")
        over = goal.over(self.latest) or (session is not None and not session.active)
        over = over or (isinstance(refusal, GoalUnknown) and not goal.private)
        if not over and not isinstance(refusal, InsufficientBalance | TransactionConflict):
            self.broken(PAID, f"{transfer.transaction_id} is refused as {refusal.reason}, and goal {goal.id} goes on")

    def broken(self, invariant: str, what: str) -> None:
        self.violations.append(Violation(invariant, what))
