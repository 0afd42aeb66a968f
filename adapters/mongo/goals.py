"""The goals."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from attrs import asdict
from pymongo import ReturnDocument
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from ...core.decision import Settlement, Why
from ...core.errors import OngoingGoalExists
from ...core.interval import Interval
from ...core.model import Contribution, Goal, Progress
from ...ports.page import Page, read_place, write_place
from .client import Document, open_collection
from .counting import Counting
from .encoding import id_forms, id_text, object_id
from .errors import within
from .goal_documents import WITHOUT_COUNTS, read_goal, write_goal
from .settings import MongoSettings

PRIVATE_GOAL: Document = {"context.type": "trigger-private"}
"""Not by ``_cls``, which is stored in two forms."""
ONGOING_PRIVATE_GOAL: Document = {**PRIVATE_GOAL, "active": True}
"""What the unique index counts (D2)."""
BY_EXP = (("exp", 1), ("_id", 1))
ONGOING_GOAL: Document = {"active": True, "settled": False}
"""What the sweeper looks for, with an index for it (D26). Every version writes ``settled``: a document without it is
the host's own, which only the host ends."""
UNSETTLED_GOAL: Document = {"active": False, "settled": False}
"""What the sweeper looks for, with an index for it (L3)."""
_AGREED: Document = {"metadata.agreed": {"$ne": None}, "settlement": None}


class MongoGoals:
    """``insert`` refuses a second ongoing private goal by a unique index: run ``create_indexes`` first (D2)."""

    def __init__(self, database: Database[Document], settings: MongoSettings) -> None:
        self._goals = open_collection(database, settings.goals)
        self._counting = Counting(self._goals, open_collection(database, settings.contributions))
        self._settings = settings

    def get(self, goal_id: str) -> Goal | None:
        _id = object_id(goal_id)
        if _id is None:
            return None
        with within(self._settings):
            document = self._goals.find_one({"_id": _id}, WITHOUT_COUNTS)
        return None if document is None else read_goal(document)

    def get_many(self, goal_ids: Collection[str]) -> Mapping[str, Goal]:
        ids = [_id for _id in map(object_id, goal_ids) if _id is not None]
        if not ids:
            return {}
        with within(self._settings):
            found = _readable(self._goals.find({"_id": {"$in": ids}}, WITHOUT_COUNTS), {})
            return {goal.id: goal for goal in found}

    def insert(self, goal: Goal) -> Goal:
        with within(self._settings):
            try:
                self._goals.insert_one(write_goal(goal, dotted_cls=self._settings.dotted_cls))
            except DuplicateKeyError:
                return self._in_the_way(goal)
        return goal

    def end(
        self,
        goal_id: str,
        now: datetime,
        *,
        streamer_id: str | None = None,
        metadata: Mapping[str, object] | None = None,
    ) -> Goal | None:
        theirs: Document = {}
        if streamer_id is not None:
            theirs = {"metadata.user_id": {"$in": id_forms(streamer_id, self._settings.users)}}
        return self._change(goal_id, {"active": True, **theirs}, [{"$set": _ended(now, metadata or {})}])

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
        _id = object_id(goal_id)
        if _id is None:
            return None
        payment = Contribution(insert_id=insert_id, viewer_id=breakdown_id, amount=amount, cost=cost)
        with within(self._settings):
            return self._counting.count(_id, payment, now, before)

    def announce(self, goal_id: str, insert_id: str, now: datetime) -> Progress | None:
        _id = object_id(goal_id)
        if _id is None:
            return None
        with within(self._settings):
            return self._counting.announce(_id, insert_id, now)

    def contributions(self, goal_id: str, limit: int, after: str | None = None) -> Page[Contribution]:
        _id = object_id(goal_id)
        if _id is None or limit < 1:  # MongoDB reads a limit of 0 as no limit
            return Page([])
        with within(self._settings):
            return self._counting.page(_id, limit, after)

    def counted(self, goal_id: str, insert_ids: Collection[str]) -> Collection[str]:
        _id = object_id(goal_id)
        if _id is None:
            return []
        with within(self._settings):
            return self._counting.counted(_id, insert_ids)

    def link(self, goal_id: str, name: str, other: str) -> Goal | None:
        place = f"context.{name}"
        return self._change(goal_id, {place: None}, {"$set": {place: other}})

    def agreed(self, streamer_id: str, limit: int) -> Sequence[Goal]:
        theirs = {"metadata.user_id": {"$in": id_forms(streamer_id, self._settings.users)}}
        query = {**theirs, **UNSETTLED_GOAL, **_AGREED, **PRIVATE_GOAL}
        if limit < 1:  # MongoDB reads a limit of 0 as no limit
            return []
        with within(self._settings):
            return [*_readable(self._goals.find(query, WITHOUT_COUNTS).sort("exp", -1).limit(limit), {})]

    def begin_show(self, goal_id: str, at: datetime) -> Goal | None:
        return self._change(goal_id, {"show_began": None, **_AGREED}, {"$set": {"show_began": at}})

    def record_on_sd(self, goal_id: str, was: Sequence[Interval], on_sd: Sequence[Interval]) -> Goal | None:
        same: Document = {"on_sd": [asdict(one) for one in was] or {"$in": [None, []]}}
        return self._change(goal_id, {**same, **_AGREED}, {"$set": {"on_sd": [asdict(one) for one in on_sd]}})

    def postpone(self, goal_id: str, ended: datetime, seen: datetime) -> None:
        self._mark(goal_id, {"$set": {"postponed": ended, "seen": seen}}, {"settlement": None})

    def decide(self, goal_id: str, settlement: Settlement, why: Why | None = None) -> Goal | None:
        seen = {} if why is None else {"why": asdict(why)}
        update: Document = {"$set": {"settlement": settlement, **seen}, "$unset": {"postponed": True}}
        return self._change(goal_id, {"settlement": None}, update)

    def plan(self, goal_id: str, pages: int) -> None:
        self._mark(goal_id, {"$max": {"planned": pages}})

    def mark_settled(self, goal_id: str) -> None:
        self._mark(goal_id, {"$set": {"settled": True}})

    def overdue(self, now: datetime, limit: int, after: str | None = None) -> Page[Goal]:
        return self._page(ONGOING_GOAL, now, limit, after)

    def unsettled(self, ended_before: datetime, limit: int, after: str | None = None) -> Page[Goal]:
        due = {**UNSETTLED_GOAL, "postponed": {"$not": {"$gt": ended_before}}}
        return self._page(due, ended_before, limit, after)

    def _change(self, goal_id: str, condition: Document, update: Document | list[Document]) -> Goal | None:
        """Compare-and-set. Returns the goal as it is afterwards, changed or not."""
        _id = object_id(goal_id)
        if _id is None:
            return None
        with within(self._settings):
            document = self._goals.find_one_and_update(
                {"_id": _id, **condition}, update, WITHOUT_COUNTS, return_document=ReturnDocument.AFTER
            )
            return self.get(goal_id) if document is None else read_goal(document)

    def _mark(self, goal_id: str, update: Document, condition: Document | None = None) -> None:
        _id = object_id(goal_id)
        if _id is None:
            return
        with within(self._settings):
            self._goals.update_one({"_id": _id, **(condition or {})}, update)

    def _page(self, kind: Document, until: datetime, limit: int, after: str | None) -> Page[Goal]:
        """Goals of this kind, by exp and id. Each of the two branches is one range of the kind's index."""
        query: Document = {**kind, "exp": {"$lte": until}}
        if after is not None:
            exp, (goal_id,) = read_place(after)
            same_exp = {**kind, "exp": exp, "_id": {"$gt": object_id(goal_id)}}
            query = {"$or": [same_exp, {**kind, "exp": {"$gt": exp, "$lte": until}}]}
        if limit < 1:  # MongoDB reads a limit of 0 as no limit
            return Page([])
        with within(self._settings):
            found = list(self._goals.find(query, WITHOUT_COUNTS).sort(BY_EXP).limit(limit))
        last = found[-1] if len(found) == limit else None
        place = None if last is None else write_place(last["exp"], id_text(last["_id"]))
        unreadable: dict[str, Exception] = {}
        return Page([*_readable(found, unreadable)], place, unreadable)

    def _in_the_way(self, goal: Goal) -> Goal:
        """The goal that already has this id. Raises OngoingGoalExists when another goal is in the way."""
        same = self.get(goal.id)
        if same is not None:
            return same
        ongoing = self._goals.find_one({"conditions.session_id": goal.session_id, **ONGOING_PRIVATE_GOAL}, ["_id"])
        if ongoing is not None:
            raise OngoingGoalExists(id_text(ongoing["_id"]))
        return self.insert(goal)  # the other goal has ended in the meantime


def _readable(documents: Iterable[Document], unreadable: dict[str, Exception]) -> Iterator[Goal]:
    for document in documents:
        try:
            yield read_goal(document)
        except Exception as error:
            unreadable[id_text(document["_id"])] = error


def _ended(now: datetime, metadata: Mapping[str, object]) -> Document:
    ended: Document = {
        "active": False,
        "exp": {"$min": ["$exp", now]},  # $min ignores a missing exp
        "settled": {"$ifNull": ["$settled", False]},  # so that a goal that a host inserted is settled too
    }
    if metadata:
        ended["metadata"] = {"$mergeObjects": ["$metadata", {"$literal": metadata}]}
    return ended
