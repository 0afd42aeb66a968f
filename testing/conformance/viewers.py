"""What :class:`show_goal.ports.viewers.Viewers` promises."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from attrs import frozen

from ...core.model import Viewer
from ...core.names import blocked_by
from ...ports.viewers import Viewers
from .examples import MALFORMED_IDS, STREAMER, UNKNOWN, VIEWER, VIEWER_2
from .promise import Conformance, Promise

Store = Callable[[Viewer], object]

TAGS = Promise(Viewers.get, "tags", "The viewer with their tags, all of them.")
NOBODY = Promise(Viewers.get, "nobody", "None when the viewer is unknown or the id is malformed.")


@frozen(kw_only=True)
class ViewersUnderTest:
    viewers: Viewers
    """On a store without users."""
    store: Store
    """Stores a viewer with their tags."""


class ViewersConformance(Conformance[ViewersUnderTest]):
    """``under_test`` gives :class:`ViewersUnderTest`: the adapter, with what stores a viewer."""

    @pytest.fixture
    def viewers(self, under_test: ViewersUnderTest) -> Viewers:
        return under_test.viewers

    @pytest.fixture
    def store(self, under_test: ViewersUnderTest) -> Store:
        return under_test.store

    @TAGS
    def test_a_viewer_comes_with_their_tags(self, viewers: Viewers, store: Store) -> None:
        viewer = Viewer(id=VIEWER, tags=["vip", blocked_by(STREAMER)])
        store(viewer)
        store(Viewer(id=VIEWER_2, tags=["staff"]))
        assert viewers.get(VIEWER) == viewer, "a tag is missing, and it may be the one that forbids"

    @TAGS
    def test_a_viewer_may_have_no_tags(self, viewers: Viewers, store: Store) -> None:
        store(Viewer(id=VIEWER))
        assert viewers.get(VIEWER) == Viewer(id=VIEWER), "a viewer without tags was changed"

    @NOBODY
    @pytest.mark.parametrize("viewer_id", [UNKNOWN, *MALFORMED_IDS])
    def test_an_unknown_viewer_is_none(self, viewers: Viewers, store: Store, viewer_id: str) -> None:
        store(Viewer(id=VIEWER))
        assert viewers.get(viewer_id) is None, "somebody was found who is not there"
