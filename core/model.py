"""The values of the flow: viewer, session, goal. Frozen; ids are strings, times are aware and UTC (D3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from attrs import field, frozen

from .border import A_USER_ID, TAGS, id_text, is_tag_set, is_user_id, tag_set
from .decision import Settlement, Why
from .interval import Interval
from .validation import must, typed

SECONDS_PER_RATE = 60


def price(rate: int, duration: int) -> int:
    """The price of ``duration`` seconds at ``rate`` per 60 s, rounded up to the smallest unit (D11, D17).

    Integers only: in floating point ``ceil(rate x duration / 60)`` is off by one from 2**53 on.
    """
    return -(-rate * duration // SECONDS_PER_RATE)


@frozen(kw_only=True)
class Viewer:
    """The user who is logged in, as the host says (D8). :mod:`.border` says what an id and tags may be (D48)."""

    id: str = field(converter=id_text, validator=must(is_user_id, A_USER_ID))
    tags: frozenset[str] = field(default=frozenset(), converter=tag_set, validator=must(is_tag_set, TAGS))


@frozen(kw_only=True, field_transformer=typed)
class Invitation:
    """A viewer's request for a private show. The use case checks its limits (D6, D7).

    ``exp`` is until when the streamer may answer, in Unix time in whole seconds. ``duration`` is how many seconds of
    private show the viewer pays for. ``amount`` is the price that they were shown, None if they do not say (D30).
    """

    exp: int
    duration: int
    amount: int | None = None


@frozen(kw_only=True, field_transformer=typed)
class ShowGoalPair:
    """A funding goal of the session, and the show that it funds."""

    funding_goal: str
    funding_ended: datetime | None = None
    show_goal: str | None = None
    show_ended: datetime | None = None

    @property
    def running(self) -> bool:
        """Whether the funding, or the show, has not ended yet (D12)."""
        return self.funding_ended is None or (self.show_goal is not None and self.show_ended is None)


@frozen(kw_only=True, field_transformer=typed)
class SessionKaraoke:
    """``session.karaoke_goal``: the ongoing karaoke goal, or the last one."""

    goal: str
    progress: int = 0
    goal_ended: datetime | None = None


@frozen(kw_only=True, field_transformer=typed)
class ExclusiveGoalPair:
    """``session.exclusive_goal_pairs.{viewer_id}``: a viewer's request for an exclusive show, and the show."""

    trigger_exclusive_goal: str
    trigger_exclusive_ended: datetime | None = None
    exclusive_goal: str | None = None
    exclusive_ended: datetime | None = None

    @property
    def over(self) -> bool:
        """Whether the viewer's next request may take its place (N3)."""
        return self.trigger_exclusive_ended is not None and (
            self.exclusive_goal is None or self.exclusive_ended is not None
        )


@frozen(kw_only=True, field_transformer=typed)
class Claim:
    """Which private goal has the session, and until when (D2).

    When the goal ends, ``exp`` moves to that moment, so one comparison tells whether the claim is live.
    ``triggered_by``, ``prepaid_duration`` (seconds) and ``amount`` are those of the first viewer, even if another
    viewer's ``create_goal`` arrives first (D16). They are None if the claim does not say.

    ``since`` is when the claim was set; None in a claim of version 0.1. ``renewed`` says that ``create_goal`` was
    triggered a second time.
    """

    goal_id: str
    exp: datetime | None
    triggered_by: str | None = None
    prepaid_duration: int | None = None
    amount: int | None = None
    since: datetime | None = None
    renewed: bool = False

    @property
    def duration(self) -> int | None:
        """What the first viewer was promised, as in a pledge."""
        return self.prepaid_duration

    def live(self, now: datetime) -> bool:
        return self.exp is None or self.exp > now

    def set_by(self, viewer_id: str, exp: datetime) -> bool:
        """Whether this viewer's invitation, until ``exp``, has set the claim."""
        return (self.triggered_by, self.exp) == (viewer_id, exp)


@frozen(kw_only=True, field_transformer=typed)
class Session:
    """A livestream session, as far as the flow needs it. Of each growing list it has only the last element."""

    @frozen(kw_only=True, field_transformer=typed)
    class TriggerPrivateGoal:
        """An element of ``session.trigger_private_goals``."""

        goal: str
        goal_agreed: datetime | None = None
        goal_ended: datetime | None = None

    id: str
    streamer_id: str
    active: bool = True
    preset: str | None = None
    pricing: Mapping[str, int] = field(factory=dict)
    show_goal_pair: ShowGoalPair | None = None
    trigger_private_goal: TriggerPrivateGoal | None = None
    claim: Claim | None = None
    sd_since: datetime | None = None
    """When the session last went to sd. None if a host switched it and gave no time."""
    sd_until: datetime | None = None
    """When it was switched from sd again. None while it is on sd."""
    last_seen: datetime | None = None
    """Its last sign of life. None if the host reports none."""

    def get_price(self, preset: str, duration: int = SECONDS_PER_RATE) -> int | None:
        """The price of ``duration`` seconds of ``preset``, in the smallest unit. None forbids, 0 is free (D11)."""
        rate = self.pricing.get(preset)
        return None if rate is None else price(rate, duration)

    def ongoing_private_goal(self, now: datetime) -> Claim | None:
        """The goal that a new invitation joins, bound or only claimed. None when the session is free (D2)."""
        return self.claim if self.claim is not None and self.claim.live(now) else None

    def has_bound(self, goal_id: str) -> bool:
        return self.trigger_private_goal is not None and self.trigger_private_goal.goal == goal_id

    def private_goal_ended(self, now: datetime) -> datetime | None:
        """When the last private goal ended. If its exp has passed, it ended then, even if the timer is late (D13)."""
        last = self.trigger_private_goal
        if last is None:
            return None
        if last.goal_ended is not None:
            return last.goal_ended
        if self.claim is None or self.claim.goal_id != last.goal or self.claim.live(now):
            return None
        return self.claim.exp


@frozen(kw_only=True, field_transformer=typed)
class ViewerPass:
    """Lets a viewer see a private show (L3). ``duration`` is how many seconds they paid for."""

    nbf: datetime
    duration: int

    @property
    def exp(self) -> datetime:
        return self.nbf + timedelta(seconds=self.duration)


class GoalMetadata:
    """What a goal's metadata says. Browsers never get it (D25)."""

    __slots__ = ()
    exp: datetime | None
    metadata: Mapping[str, object]

    @property
    def streamer_id(self) -> str | None:
        """The goal's streamer; None when the metadata does not name one."""
        value = self.metadata.get("user_id")
        return value if isinstance(value, str) else None

    @property
    def triggered_by(self) -> str | None:
        """The viewer who asked for the goal; None when the metadata does not name one."""
        value = self.metadata.get("triggered_by")
        return value if isinstance(value, str) else None

    @property
    def unpaid(self) -> bool:
        """Whether it was ended because nobody could pay for it (D33)."""
        return self.metadata.get("unpaid") is not None

    @property
    def agreed(self) -> datetime | None:
        """When the streamer agreed; None when they did not."""
        value = self.metadata.get("agreed")
        return value if isinstance(value, datetime) else None

    @property
    def ended(self) -> datetime | None:
        """When a goal that is over ended. Only an agreement is carried out after the ``exp``, if it waited (D40)."""
        value = self.metadata.get("carried_out")
        return value if isinstance(value, datetime) else self.exp


@frozen(kw_only=True, field_transformer=typed)
class Goal(GoalMetadata):
    """A goal of any class. ``_cls`` is the bare class name (D5); ``exp = None`` never expires (D6)."""

    id: str
    _cls: str = field(alias="_cls")
    active: bool = True
    conditions: Mapping[str, object] = field(factory=dict)
    levels: Sequence[object] = ()
    nbf: datetime | None = None
    exp: datetime | None = None
    context: Mapping[str, object] = field(factory=dict)
    metadata: Mapping[str, object] = field(factory=dict)
    progress: int = 0
    """The sum of its contributions. ``Goals.contributions`` lists them."""
    settlement: Settlement | None = None
    """What becomes of its escrow. Decided once, then carried out, with as many retries as it takes (L3)."""
    planned: int = 0
    """How many pages of its escrow were handed out to workers. 0 if it has one page, which needs no plan."""
    settled: bool = False
    """True when the escrow holds nothing any more."""
    show_began: datetime | None = None
    """When the show that was agreed to began, recorded as it happened (D40)."""
    on_sd: Sequence[Interval] = ()
    """When the session was on sd since the agreement, in order. Recorded only for a metered settlement rule."""
    postponed: datetime | None = None
    """While its show goes on: sweeps look at it again as if it had ended then. Only for a metered settlement rule. None
    once its escrow is decided."""
    seen: datetime | None = None
    """When it was last seen that its show went on."""
    why: Why | None = None
    """Why its escrow was decided as it was. None for a decision of version 0.1."""
    mark: object = field(default=None, eq=False, repr=False)
    """What an adapter wants to know when it gets the goal back (``Goals.increment_progress``). Not stored."""

    @property
    def session_id(self) -> str | None:
        value = self.conditions.get("session_id")
        return value if isinstance(value, str) else None

    def expired(self, now: datetime) -> bool:
        return self.exp is not None and self.exp <= now


@frozen(kw_only=True, field_transformer=typed)
class Contribution:
    """One payment that counts for a goal (L1). ``amount`` is progress, ``cost`` is money in the smallest unit."""

    insert_id: str
    viewer_id: str
    amount: int
    cost: int


ANNOUNCE_EVERY = timedelta(seconds=1)
"""Progress of a goal is announced at most this often."""
AT_ONCE = timedelta(0)


@frozen(kw_only=True, field_transformer=typed)
class Progress:
    """A goal after a payment was counted, and when to announce its progress.

    ``announce_in`` is ``AT_ONCE`` for the first payment of a second. For the next one it is how long the second still
    lasts: then the latest progress is announced. It is None for all others.
    """

    goal: Goal
    announce_in: timedelta | None
