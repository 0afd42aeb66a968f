"""The default of ``current_user``: what ``flask.g.user`` may be (D8)."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from flask import Flask, g

from show_goal.adapters.flask import create_app, host_user
from show_goal.core.model import Viewer
from show_goal.core.validation import InvalidValue
from tests.builders import STREAMER, VIEWER, a_body, a_viewer
from tests.world import World

from .site import PATH, refusal


class AnId:
    """Like an ObjectId: not a string, but it prints as one."""

    def __str__(self) -> str:
        return VIEWER


def as_viewer(user: object) -> Viewer | None:
    with Flask("host").app_context():
        g.user = user
        return host_user()


@pytest.mark.parametrize("user", [None, SimpleNamespace(id=None, tags=())])
def test_a_missing_or_anonymous_user_is_nobody(user: object) -> None:
    assert as_viewer(user) is None


def test_a_viewer_is_used_as_it_is() -> None:
    viewer = a_viewer()
    assert as_viewer(viewer) is viewer


@pytest.mark.parametrize("tags", [["vip"], ("vip",), {"vip"}, iter(["vip"]), None])
def test_a_hosts_user_is_read_by_id_and_tags(tags: object) -> None:
    read = Viewer(id=VIEWER, tags=frozenset({"vip"} if tags else ()))
    assert as_viewer(SimpleNamespace(id=AnId(), tags=tags)) == read


@pytest.mark.parametrize("tags", ["vip", b"vip", [b"vip"], [1], 1])
def test_tags_that_are_no_texts_are_an_error_so_that_no_blocked_viewer_passes_D48(tags: object) -> None:
    with pytest.raises(InvalidValue, match=r"^Viewer\.tags is .*: it must be a set of texts$"):
        as_viewer(SimpleNamespace(id=VIEWER, tags=tags))


def test_a_user_without_tags_is_an_error_so_that_no_blocked_viewer_passes() -> None:
    with pytest.raises(AttributeError, match="tags"):
        as_viewer(SimpleNamespace(id=VIEWER))


def test_the_routes_ask_g_user_by_default_D8(world: World) -> None:
    user = SimpleNamespace(id=AnId(), tags=[f"blocked-by:{STREAMER}"])
    app = create_app(world.container)
    assert app.test_client().post(PATH, json=a_body()).status_code == 401

    app = create_app(world.container)
    app.before_request(lambda: setattr(g, "user", user))
    assert refusal(app.test_client().post(PATH, json=a_body())) == (403, "private_show_unavailable")
    user.tags = []
    assert app.test_client().post(PATH, json=a_body()).status_code == 202
