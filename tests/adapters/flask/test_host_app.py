"""The blueprints in a host's app: the host's own converter, prefix, error pages and hooks are kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Blueprint, Flask, abort, got_request_exception
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter
from werkzeug.test import TestResponse

from show_goal.adapters.flask import (
    create_blueprint,
    create_channel_authorization,
    create_probes,
    create_wallet_callback,
)
from show_goal.adapters.flask.blueprint import ObjectIdConverter
from tests.builders import SESSION, a_body, a_viewer
from tests.world import World

from .site import CALLBACK, MISSING, PATH
from .test_app import BrokenSessions

PAGES = (404, 405, 413, 415, 500)


class AnObjectId:
    """Like bson's: not a string."""

    def __init__(self, digits: str) -> None:
        self._digits = digits

    def __str__(self) -> str:
        return self._digits.lower()


class HostConverter(BaseConverter):
    regex = "[0-9a-fA-F]{24}"

    def to_python(self, value: str) -> AnObjectId:
        return AnObjectId(value)


def a_host(*worlds: World, **options: Any) -> Flask:
    """A host with a page for every kind of error. ``options`` are those of each world's blueprint."""
    app = Flask("host", static_folder=None)
    for status in PAGES:
        app.register_error_handler(status, lambda error, status=status: (f"the host's {status}", status))
    app.register_error_handler(HTTPException, lambda error: ("the host's page", error.code))
    app.add_url_rule("/broken", "broken", view_func=lambda: str(1 // 0))
    app.add_url_rule("/forbidden", "forbidden", view_func=lambda: abort(403))
    for world in worlds:
        app.register_blueprint(create_blueprint(world.container, a_viewer), **options)
    return app


def post(app: Flask, path: str = PATH, **body: Any) -> TestResponse:
    return app.test_client().post(path, json=a_body(**body))


def test_refusals_of_the_routes_are_problems_although_the_host_has_error_pages(world: World) -> None:
    app = a_host(world)
    client = app.test_client()
    responses = [
        post(app),
        post(app, exp=0),
        post(app, MISSING),
        client.post(PATH, data=b"{}", content_type="text/plain"),
        client.post(PATH, data=b" " * 5_000, content_type="application/json"),
    ]
    assert [response.status_code for response in responses] == [202, 400, 404, 415, 413]
    assert {response.content_type for response in responses[1:]} == {"application/problem+json"}


def test_the_hosts_pages_are_kept(world: World) -> None:
    app = a_host(world)
    client = app.test_client()
    pages = [client.get("/nowhere"), client.put(PATH), client.get("/broken"), client.get("/forbidden")]
    assert [page.text for page in pages] == ["the host's 404", "the host's 405", "the host's 500", "the host's page"]
    app = a_host(world)
    app.before_request(lambda: abort(418))
    assert post(app).text == "the host's page", "a refusal of the host's hook"


def test_the_host_gets_the_signal_and_the_log_of_an_unknown_error(caplog: pytest.LogCaptureFixture) -> None:
    app = a_host(World.make(sessions=BrokenSessions(RuntimeError("hunter2"))))
    heard: list[object] = []

    def hear(sender: object, exception: object, **_: object) -> None:
        heard.append(repr(exception))

    with got_request_exception.connected_to(hear, app):
        response = post(app)
    assert (response.status_code, response.content_type) == (500, "application/problem+json")
    assert heard == ["RuntimeError('hunter2')"]
    assert "hunter2" in caplog.text


def test_the_hosts_converter_is_kept_and_its_value_need_not_be_a_string(world: World) -> None:
    assert a_host(world).url_map.converters["objectid"] is ObjectIdConverter, "a host without a converter gets one"
    app = a_host()
    app.url_map.converters["objectid"] = HostConverter
    app.register_blueprint(create_blueprint(world.container, a_viewer))
    assert app.url_map.converters["objectid"] is HostConverter
    assert post(app, PATH.replace("5e55", "5E55")).status_code == 202
    assert post(app, PATH[:-1]).text == "the host's 404"


@pytest.mark.parametrize(
    ("create", "method", "path", "status"),
    [
        (lambda container: create_blueprint(container, a_viewer), "POST", PATH, 415),
        (lambda container: create_channel_authorization(container, a_viewer), "POST", "/pusher/auth", 415),
        (create_wallet_callback, "POST", CALLBACK, 401),
        (create_probes, "GET", "/readyz", 200),
    ],
)
def test_each_blueprint_is_served_under_any_prefix_and_only_there(
    world: World, create: Callable[..., Blueprint], method: str, path: str, status: int
) -> None:
    app = a_host()
    api = Blueprint("api", "host", url_prefix="/api")
    api.register_blueprint(create(world.container))
    app.register_blueprint(create(world.container), url_prefix="/v2")
    app.register_blueprint(api)
    responses = [app.test_client().open(prefix + path, method=method) for prefix in ("/v2", "/api", "")]
    assert [response.status_code for response in responses] == [status, status, 404]
    assert {response.mimetype for response in responses[:2]} <= {"application/problem+json", "application/json"}


def test_the_wallets_callback_is_not_among_the_users_routes(world: World) -> None:
    assert a_host(world).test_client().post(CALLBACK).status_code == 404


def test_one_blueprint_serves_two_apps_and_two_prefixes(world: World) -> None:
    blueprint = create_blueprint(world.container, a_viewer)
    app, other = a_host(), a_host()
    app.register_blueprint(blueprint, url_prefix="/a")
    app.register_blueprint(blueprint, url_prefix="/b", name="again")
    other.register_blueprint(blueprint)
    responses = [post(app, "/a" + PATH), post(app, "/b" + PATH), post(other)]
    assert [response.status_code for response in responses] == [202, 202, 202]
    assert post(app, "/b" + PATH, exp=0).content_type == "application/problem+json"


def test_two_containers_serve_one_app_each_under_its_prefix() -> None:
    one, other = World.make(), World.make()
    app = a_host(one, url_prefix="/one")
    app.register_blueprint(create_blueprint(other.container, a_viewer), url_prefix="/other", name="other")
    assert post(app, "/other" + PATH).status_code == 202
    assert one.sessions.get(SESSION).claim is None
    assert other.sessions.get(SESSION).claim is not None
