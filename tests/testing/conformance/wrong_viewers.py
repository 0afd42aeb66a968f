"""Viewers that break a promise."""

from __future__ import annotations

import pytest
from attrs import evolve

from show_goal.adapters.memory import MemoryViewers
from show_goal.core.model import Viewer
from show_goal.testing.conformance import ViewersConformance, ViewersUnderTest

from .breaking import WrongAdapters

WRONG = WrongAdapters()


@WRONG.breaks("get.tags", "a tag is missing, and it may be the one that forbids")
class OneTag(MemoryViewers):
    def get(self, viewer_id: str) -> Viewer | None:
        viewer = super().get(viewer_id)
        return viewer and evolve(viewer, tags=sorted(viewer.tags)[:1])


@WRONG.breaks("get.nobody", "somebody was found who is not there")
class Everybody(MemoryViewers):
    def get(self, viewer_id: str) -> Viewer | None:
        return super().get(viewer_id) or Viewer(id=viewer_id)


@WRONG.breaks("get.nobody", "KeyError('zzzz")
class Raising(MemoryViewers):
    def get(self, viewer_id: str) -> Viewer | None:
        return self._viewers[viewer_id]


class TestWrongViewers(ViewersConformance):
    @pytest.fixture(params=WRONG, ids=str)
    def under_test(self, request: pytest.FixtureRequest) -> ViewersUnderTest:
        viewers: MemoryViewers = request.param.adapter()
        return ViewersUnderTest(viewers=viewers, store=viewers.add)
