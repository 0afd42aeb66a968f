"""The goals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from ..core.model import Goal, Settlement


class Goals(Protocol):
    """Every method may raise StoreUnavailable; every one may be repeated."""

    def get(self, goal_id: str) -> Goal | None:
        """The goal, every field of it as it stands. It is of any class, with the bare ``_cls`` (D5).

        None when the goal is unknown or the id is malformed.
        """
        ...

    def insert(self, goal: Goal) -> Goal:
        """Insert the goal under its id; return the one that stands.

        A goal that stands already is success, and stays as it stands (D19). Raises OngoingGoalExists with the other's
        id when the session has another active private goal: the backstop of D2, atomic whoever races. Goals that have
        ended, of another session or of another class are in nobody's way.
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
        """Compare-and-set: if active, set active = false and exp = min(exp, now), and add ``metadata`` (D26, L2).

        Returns the goal as it stands. A goal ends once: one that has ended already stays as it ended, whoever races.
        With ``streamer_id`` only that streamer's goal (``metadata.user_id``) is ended. None when the goal is unknown.
        """
        ...

    def increment_progress(
        self, goal_id: str, *, amount: int, cost: int, breakdown_id: str, insert_id: str
    ) -> Goal | None:
        """Unless ``insert_id`` stands in ``metadata.insert_ids``, push it there and add to the goal (L1).

        One atomic update: progress += amount, breakdown.{breakdown_id}.progress += amount, and .cost += cost. An
        ``insert_id`` counts once, whoever races. A goal that has ended counts all the same. ``breakdown_id`` may be any
        text. Returns the goal as it stands; None when the goal is unknown.
        """
        ...

    def link(self, goal_id: str, name: str, other: str) -> Goal | None:
        """Compare-and-set: context.{name} = ``other``, another goal's id, unless it has one (L5).

        Returns the goal as it stands, ended or not. The first one linked stays, whoever races. None when the goal is
        unknown.
        """
        ...

    def decide(self, goal_id: str, settlement: Settlement) -> Goal | None:
        """Compare-and-set: decide what becomes of the escrow unless it is decided. Returns the goal as it stands.

        A decision stands, whoever races. None when the goal is unknown.
        """
        ...

    def mark_settled(self, goal_id: str) -> None:
        """Nothing of the goal is held any more: ``settled`` is set, and nothing else.

        Repeating it, or naming an unknown goal, changes nothing.
        """
        ...

    def overdue(self, now: datetime, limit: int) -> Sequence[Goal]:
        """Goals, of every class, that are active although their exp has passed (D26).

        Up to ``limit`` of them are returned, the oldest first.
        Costs no more than what it returns, however many goals are stored.
        """
        ...

    def unsettled(self, ended_before: datetime, limit: int) -> Sequence[Goal]:
        """Goals, of every class, that ended at ``ended_before`` or earlier and are not settled (L3, N7).

        Up to ``limit`` of them are returned, the oldest first. Costs no more than what it returns, however many goals
        are stored.
        """
        ...
