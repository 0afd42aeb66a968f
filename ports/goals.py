"""The store of goals."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from ..core.decision import Settlement, Why
from ..core.interval import Interval
from ..core.model import Contribution, Goal, Progress
from .page import Page


class Goals(Protocol):
    """Goals of every class, by id.

    Each method is one atomic step. A malformed id is an unknown id. Every method may raise StoreUnavailable, and may be
    repeated.
    """

    def get(self, goal_id: str) -> Goal | None:
        """Return the goal.

        Promises:
            - whole: Every field of the goal as it was stored.
            - class: The bare class name in ``_cls``, for goals of every class (D5).
            - unknown: None if the goal is unknown.
        """
        ...

    def get_many(self, goal_ids: Collection[str]) -> Mapping[str, Goal]:
        """Return those of the goals that are there, by id: in one command, and not one for each.

        Promises:
            - found: Each goal as ``get`` returns it, and no other.
            - unknown: An unknown goal is left out, and hides no other. So does one that cannot be read: ``get`` says
              what is wrong with it.
        """
        ...

    def insert(self, goal: Goal) -> Goal:
        """Store the goal under its id and return the stored goal. Raises OngoingGoalExists.

        Promises:
            - again: If the id is stored already, the stored goal is returned unchanged (D19).
            - ongoing: OngoingGoalExists is raised, with the other goal's id, if the session has another active private
              goal. Of many private goals inserted at once, one is stored (D2).
            - others: Goals that have ended, of other sessions or of other classes do not prevent an insert.
        """
        ...

    def end(
        self,
        goal_id: str,
        now: datetime,
        *,
        streamer_id: str | None = None,
        metadata: Mapping[str, object] | None = None,
    ) -> Goal | None:
        """End the goal if it is active, and return the stored goal (D26, L2).

        With ``streamer_id``, only a goal of that streamer (``metadata.user_id``) is ended. ``metadata`` is added to the
        goal's metadata.

        Promises:
            - ends: ``active`` becomes False, ``exp`` becomes the earlier of exp and ``now``, ``metadata`` is added, and
              nothing else changes.
            - once: A goal ends once, even if many calls race. A goal that has ended is returned unchanged.
            - streamer: With ``streamer_id``, another streamer's goal is returned unchanged.
            - unknown: None if the goal is unknown.
        """
        ...

    def increment_progress(
        self,
        goal_id: str,
        *,
        amount: int,
        cost: int,
        breakdown_id: str,
        insert_id: str,
        now: datetime,
        before: Goal | None = None,
    ) -> Progress | None:
        """Count one payment, and return the stored goal (L1).

        ``amount`` is progress, ``cost`` is money, ``breakdown_id`` is the viewer and ``insert_id`` is the payment's
        transaction id. The goal itself must not grow with the number of payments. ``before`` is the goal as it was read
        before the payment was made, if the caller knows that it is new: an adapter may then look for it less.

        Promises:
            - counts: ``amount`` is added to progress, the payment is one of the goal's contributions, and nothing else
              changes. Increments at once all count.
            - once: An ``insert_id`` counts once for a goal, even if many calls race. The first one says how much.
            - late: A goal that has ended still counts.
            - announced: Who is to announce the progress, and when: the first payment at ``now``, which begins a second;
              the next one within it at its end; no other. A repeat is answered as a payment, as the first call may
              have broken off.
            - any_text: ``breakdown_id`` may be any text, for example one with dots.
            - unknown: None if the goal is unknown.
        """
        ...

    def announce(self, goal_id: str, insert_id: str, now: datetime) -> Progress | None:
        """Return whether to announce the progress at the end of a second, as the payment ``insert_id`` asked.

        Promises:
            - due: ``announce_in`` is ``AT_ONCE`` at the end of the second, and a new second begins. Before, it is how
              long the second still lasts.
            - later: It is None once a later payment has begun a second, because that one announces.
            - again: A repeat is answered alike, until a payment begins the next second.
            - unknown: None if the goal is unknown.
        """
        ...

    def contributions(self, goal_id: str, limit: int, after: str | None = None) -> Page[Contribution]:
        """Return the payments that count for the goal.

        The cost must depend on ``limit``, not on how many payments are stored.

        Promises:
            - listed: Every payment that counts, with its viewer, amount and cost. Their amounts add up to progress.
            - limit: At most ``limit`` contributions. A page may have fewer, or none, and still a next one.
            - pages: Each contribution is on one page, whatever is counted meanwhile.
            - unknown: An unknown goal has none.
        """
        ...

    def counted(self, goal_id: str, insert_ids: Collection[str]) -> Collection[str]:
        """Return those of the ``insert_ids`` that count for the goal.

        Promises:
            - counted: Those that were counted for this goal, and no other.
            - unknown: An unknown goal has none.
        """
        ...

    def link(self, goal_id: str, name: str, other: str) -> Goal | None:
        """Set ``context.{name}`` to ``other``, another goal's id, and return the stored goal (L5).

        Promises:
            - linked: The goal, active or ended, gets the link, and nothing else changes.
            - once: The first link stays, even if many calls race.
            - unknown: None if the goal is unknown.
        """
        ...

    def agreed(self, streamer_id: str, limit: int) -> Sequence[Goal]:
        """Return the streamer's private goals that were agreed to, and of which no settlement is decided yet (D40).

        The cost must depend on ``limit``, not on how many goals are stored.

        Promises:
            - agreed: Private goals of this streamer (``metadata.user_id``) that ended by an agreement. No goal whose
              settlement is decided.
            - limit: At most ``limit`` goals, the latest end first.
        """
        ...

    def begin_show(self, goal_id: str, at: datetime) -> Goal | None:
        """Record when the show of an agreed goal began, and return the stored goal (D40).

        Promises:
            - begun: ``show_began`` becomes ``at``, and nothing else changes.
            - once: The first moment stays, even if many calls race.
            - agreed: A goal that was not agreed to, or whose settlement is decided, is returned unchanged.
            - unknown: None if the goal is unknown.
        """
        ...

    def record_on_sd(self, goal_id: str, was: Sequence[Interval], on_sd: Sequence[Interval]) -> Goal | None:
        """Replace the intervals in which the show of an agreed goal was on sd, and return the stored goal.

        Promises:
            - recorded: ``on_sd`` becomes as given, and nothing else changes.
            - compared: If the stored intervals are not ``was``, the goal is returned unchanged, also in a race.
            - agreed: A goal that was not agreed to, or whose settlement is decided, is returned unchanged.
            - unknown: None if the goal is unknown.
        """
        ...

    def postpone(self, goal_id: str, ended: datetime, seen: datetime) -> None:
        """Let ``unsettled`` list the goal as if it had ended at ``ended``: at ``seen`` its show went on.

        Promises:
            - postponed: ``postponed`` and ``seen`` become as given, and nothing else changes. The last call counts.
            - undecided: A goal whose settlement is decided is not changed.
            - unknown: An unknown goal is no error.
        """
        ...

    def decide(self, goal_id: str, settlement: Settlement, why: Why | None = None) -> Goal | None:
        """Record what happens to the goal's escrow, and why, and return the stored goal (L3, D35).

        Promises:
            - decided: ``settlement`` and ``why`` are set, ``postponed`` becomes None, and nothing else changes: sweeps
              carry the decision out at once.
            - once: The first decision stays, even if many calls race.
            - unknown: None if the goal is unknown.
        """
        ...

    def plan(self, goal_id: str, pages: int) -> None:
        """Record how many pages of the goal's escrow were handed out to workers (D43).

        Promises:
            - planned: ``planned`` becomes ``pages``, and nothing else changes.
            - most: It never becomes less, even if many calls race.
            - unknown: An unknown goal is no error.
        """
        ...

    def mark_settled(self, goal_id: str) -> None:
        """Record that no money is held for the goal any more.

        Promises:
            - settled: ``settled`` becomes True, and nothing else changes. A repeat changes nothing.
            - unknown: An unknown goal is no error.
        """
        ...

    def overdue(self, now: datetime, limit: int, after: str | None = None) -> Page[Goal]:
        """Return goals that are active although they have expired (D26). The sweeper ends them.

        The cost must depend on ``limit``, not on how many goals are stored.

        Promises:
            - due: Active goals of every class whose exp is ``now`` or earlier.
            - limit: At most ``limit`` goals, the oldest exp first.
            - pages: Each goal is on one page, also if several have the same exp, and whatever happens to the goals of
              earlier pages.
        """
        ...

    def unsettled(self, ended_before: datetime, limit: int, after: str | None = None) -> Page[Goal]:
        """Return goals that have ended and are not settled (L3, N7). The sweeper settles them.

        The cost must depend on ``limit``, not on how many goals are stored.

        Promises:
            - due: Goals of every class that ended at ``ended_before`` or earlier and are not marked as settled.
            - postponed: A goal that is postponed beyond ``ended_before`` is left out.
            - limit: At most ``limit`` goals, the oldest end first.
            - pages: Each goal is on one page, also if several ended at once, and whatever happens to the goals of
              earlier pages.
        """
        ...
