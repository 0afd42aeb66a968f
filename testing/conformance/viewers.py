"""What :class:`show_goal.ports.viewers.Viewers` promises."""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen

from ...core.model import Viewer
from ...core.names import blocked_by
from ...ports.viewers import Viewers
from .examples import STREAMER, UNKNOWN_IDS, VIEWER, VIEWER_2
from .promise import Conformance, Promise


@frozen(kw_only=True)
class ViewersUnderTest:
    viewers: Viewers
    """Without viewers."""
    store: Callable[[Viewer], object]
    """Stores a viewer with their tags."""


class ViewersConformance(Conformance[ViewersUnderTest]):
    """``under_test`` returns :class:`ViewersUnderTest`: the adapter, and a function that stores a viewer."""

    def take(self, under_test: ViewersUnderTest) -> None:
        self.get, self.store = under_test.viewers.get, under_test.store

    @Promise(Viewers.get, "tags")
    def test_a_viewer_has_all_their_tags(self) -> None:
        tagged = Viewer(id=VIEWER, tags=["vip", blocked_by(STREAMER)])
        for viewer in (tagged, Viewer(id=VIEWER_2)):
            self.store(viewer)
        assert self.get(VIEWER) == tagged, "a tag is missing; it may be the one that forbids"
        assert self.get(VIEWER_2) == Viewer(id=VIEWER_2), "a viewer without tags got one"

    @Promise(Viewers.get, "nobody")
    def test_an_unknown_viewer_is_none(self) -> None:
        self.store(Viewer(id=VIEWER))
        for viewer_id in UNKNOWN_IDS:
            assert self.get(viewer_id) is None, f"there is no viewer {viewer_id!r}"
