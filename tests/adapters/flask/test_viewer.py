"""The default of ``current_user``: what ``flask.g.user`` may be (D8)."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask, g
from werkzeug.local import LocalProxy

from show_goal.adapters.flask import create_app, host_user
from show_goal.core.model import Viewer
from show_goal.core.validation import InvalidValue
from tests.builders import GOAL, STREAMER, VIEWER, a_body, a_viewer
from tests.world import World

from .site import PATH, refusal


def as_viewer(user: object) -> Viewer | None:
    with Flask("host").app_context():
        g.user = user
        return host_user()


class Anonymous:
    """As flask_login's AnonymousUserMixin, which has neither id nor tags."""

    is_anonymous = True


NOBODY = [
    None,
    SimpleNamespace(id=None, tags=()),
    Anonymous(),
    SimpleNamespace(is_anonymous=lambda: True),
    LocalProxy(lambda: None),
    LocalProxy(Anonymous),
    SimpleNamespace(id=LocalProxy(lambda: None), tags=()),
]


@pytest.mark.parametrize("user", NOBODY)
def test_a_missing_or_anonymous_user_is_nobody(user: object) -> None:
    assert as_viewer(user) is None


@pytest.mark.parametrize("user", NOBODY)
def test_nobody_gets_401_from_every_route_whatever_the_host_returns_B5(world: World, user: Any) -> None:
    client = create_app(world.container, current_user=lambda: user).test_client()
    asked = {"POST": PATH, "GET": f"{PATH}?duration=90", "PATCH": "/streams/me/preset/sd"}
    responses = [client.open(path, method=method, json=a_body()) for method, path in asked.items()]
    responses += [client.delete(f"/goals/{GOAL}", json={"agree": True}), client.get(f"/goals/{GOAL}")]
    responses += [client.post("/pusher/auth", data={"socket_id": "1.1", "channel_name": "private-user@x"})]
    assert [refusal(response) for response in responses] == [(401, "not_logged_in")] * 6


def test_a_user_behind_a_proxy_is_that_user_B5() -> None:
    user = SimpleNamespace(id=VIEWER, tags=LocalProxy(lambda: ["vip"]), is_anonymous=False)
    assert as_viewer(LocalProxy(lambda: user)) == Viewer(id=VIEWER, tags=["vip"])
    assert as_viewer(LocalProxy(a_viewer)) == a_viewer()


def test_a_viewer_is_used_as_it_is() -> None:
    viewer = a_viewer()
    assert as_viewer(viewer) is viewer


@pytest.mark.parametrize("user_id", [ObjectId(VIEWER), VIEWER])
@pytest.mark.parametrize("tags", [["vip"], ("vip",), {"vip"}, None])
def test_a_hosts_user_is_read_by_id_and_tags(user_id: object, tags: object) -> None:
    read = Viewer(id=VIEWER, tags=frozenset({"vip"} if tags else ()))
    assert as_viewer(SimpleNamespace(id=user_id, tags=tags)) == read


@pytest.mark.parametrize("tags", ["vip", "", b"vip", [b"vip"], [1], 1, 0, False, {}, iter(["vip"])])
def test_tags_that_are_no_texts_are_an_error_so_that_no_blocked_viewer_passes_D48(tags: object) -> None:
    with pytest.raises(InvalidValue, match=r"^Viewer\.tags is .*: it must be a set of texts"):
        as_viewer(SimpleNamespace(id=VIEWER, tags=tags))


def test_a_user_without_tags_is_an_error_so_that_no_blocked_viewer_passes() -> None:
    with pytest.raises(AttributeError, match="tags"):
        as_viewer(SimpleNamespace(id=VIEWER))


def test_the_routes_ask_g_user_by_default_D8(world: World) -> None:
    user = SimpleNamespace(id=ObjectId(VIEWER), tags=[f"blocked-by:{STREAMER}"])
    app = create_app(world.container)
    assert app.test_client().post(PATH, json=a_body()).status_code == 401

    app = create_app(world.container)
    app.before_request(lambda: setattr(g, "user", user))
    assert refusal(app.test_client().post(PATH, json=a_body())) == (403, "private_show_unavailable")
    user.tags = []
    assert app.test_client().post(PATH, json=a_body()).status_code == 202
