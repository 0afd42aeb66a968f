"""Ids that break a promise."""

from __future__ import annotations

from itertools import count
from threading import local
from uuid import uuid4

import pytest

from show_goal.adapters.memory import MemoryIds
from show_goal.testing.conformance import IdsConformance, IdsUnderTest

from .breaking import WrongAdapters

WRONG = WrongAdapters()


@WRONG.breaks("new.hex", "an id is something else")
class Uuids(MemoryIds):
    def new(self) -> str:
        return uuid4().hex


@WRONG.breaks("new.once", "an id was handed out twice")
class CountedByEachThread(MemoryIds):
    def __init__(self, prefix: str) -> None:
        super().__init__(prefix)
        self._own = local()

    def new(self) -> str:
        if not hasattr(self._own, "count"):
            self._own.count = count()
        return self._prefix + format(next(self._own.count), "023x")


@WRONG.breaks("new.everywhere", "another process handed out the same id")
class TheSameInEveryProcess(MemoryIds):
    def __init__(self, prefix: str) -> None:
        super().__init__("")


class TestWrongIds(IdsConformance):
    @pytest.fixture(params=WRONG, ids=str)
    def under_test(self, request: pytest.FixtureRequest) -> IdsUnderTest:
        other = request.param.adapter("b")
        return IdsUnderTest(ids=request.param.adapter("a"), elsewhere=lambda: [other.new() for _ in range(500)])
