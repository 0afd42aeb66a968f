"""The blueprint in a host's app: the host's own converter, prefix, error pages and hooks stay as they are."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Blueprint, Flask, abort, got_request_exception
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter
from werkzeug.test import TestResponse

from show_goal.adapters.flask import create_blueprint
from show_goal.adapters.flask.blueprint import ObjectIdConverter
from tests.builders import SESSION, a_body, a_viewer
from tests.world import World

from .site import PATH
from .test_app import BrokenSessions


class AnObjectId:
    """As bson's: an object, not a string."""

    def __init__(self, digits: str) -> None:
        self._digits = digits

    def __str__(self) -> str:
        return self._digits.lower()


class HostConverter(BaseConverter):
    regex = "[0-9a-fA-F]{24}"

    def to_python(self, value: str) -> AnObjectId:
        return AnObjectId(value)


def a_host() -> Flask:
    """A monolith with a page for every kind of error."""
    app = Flask("host", static_folder=None)
    app.register_error_handler(404, lambda error: ("the host's 404", 404))
    app.register_error_handler(405, lambda error: ("the host's 405", 405))
    app.register_error_handler(413, lambda error: ("the host's 413", 413))
    app.register_error_handler(415, lambda error: ("the host's 415", 415))
    app.register_error_handler(500, lambda error: ("the host's 500", 500))
    app.register_error_handler(HTTPException, lambda error: ("the host's page", error.code))
    app.add_url_rule("/broken", "broken", view_func=lambda: str(1 // 0))
    app.add_url_rule("/forbidden", "forbidden", view_func=lambda: abort(403))
    return app


def post(app: Flask, path: str = PATH, **body: Any) -> TestResponse:
    return app.test_client().post(path, json=a_body(**body))


def test_refusals_of_the_route_are_problems_in_a_host_with_pages_of_its_own(world: World) -> None:
    app = a_host()
    app.register_blueprint(create_blueprint(world.container, a_viewer))
    client = app.test_client()
    answers = [
        post(app),
        post(app, exp=0),
        post(app, PATH.replace("5e55", "ffff")),
        client.post(PATH, data=b"{}", content_type="text/plain"),
        client.post(PATH, data=b" " * 5_000, content_type="application/json"),
    ]
    assert [answer.status_code for answer in answers] == [202, 400, 404, 415, 413]
    assert {answer.content_type for answer in answers[1:]} == {"application/problem+json"}


def test_pages_of_the_host_stay_as_they_are(world: World) -> None:
    app = a_host()
    app.register_blueprint(create_blueprint(world.container, a_viewer))
    client = app.test_client()
    pages = [
        client.get("/nowhere").text,
        client.put(PATH).text,
        *(client.get(p).text for p in ("/broken", "/forbidden")),
    ]
    assert pages == ["the host's 404", "the host's 405", "the host's 500", "the host's page"]


def test_what_the_hooks_of_the_host_refuse_stays_the_host_s(world: World) -> None:
    app = a_host()
    app.register_blueprint(create_blueprint(world.container, a_viewer))
    app.before_request(lambda: abort(418))
    assert post(app).text == "the host's page"


def test_unknown_error_of_the_route_is_a_problem_that_the_host_hears_of(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = World.make(sessions=BrokenSessions(RuntimeError("hunter2")))
    app = a_host()
    app.register_blueprint(create_blueprint(world.container, a_viewer))
    heard: list[object] = []

    def hear(sender: object, exception: object, **_: object) -> None:
        heard.append(repr(exception))

    with got_request_exception.connected_to(hear, app):
        response = post(app)
    assert (response.status_code, response.content_type) == (500, "application/problem+json")
    assert heard == ["RuntimeError('hunter2')"]
    assert "hunter2" in caplog.text


def test_converter_of_the_host_is_kept_and_its_value_need_not_be_a_string(world: World) -> None:
    app = a_host()
    app.url_map.converters["objectid"] = HostConverter
    app.register_blueprint(create_blueprint(world.container, a_viewer))
    assert app.url_map.converters["objectid"] is HostConverter
    assert post(app, PATH.replace("5e55", "5E55")).status_code == 202
    assert post(app, PATH[:-1]).text == "the host's 404"


def test_host_without_a_converter_gets_one(world: World) -> None:
    app = a_host()
    app.register_blueprint(create_blueprint(world.container, a_viewer))
    assert app.url_map.converters["objectid"] is ObjectIdConverter


def test_blueprint_works_under_a_prefix(world: World) -> None:
    app = a_host()
    app.register_blueprint(create_blueprint(world.container, a_viewer), url_prefix="/api/v2")
    assert post(app, "/api/v2" + PATH).status_code == 202
    assert post(app).text == "the host's 404"


def test_blueprint_works_inside_a_blueprint_of_the_host(world: World) -> None:
    app = a_host()
    api = Blueprint("api", "host", url_prefix="/api")
    api.register_blueprint(create_blueprint(world.container, a_viewer))
    app.register_blueprint(api)
    assert post(app, "/api" + PATH).status_code == 202
    assert post(app, "/api" + PATH, exp=0).content_type == "application/problem+json"


def test_one_blueprint_serves_two_apps_and_two_prefixes(world: World) -> None:
    blueprint = create_blueprint(world.container, a_viewer)
    app, other = a_host(), a_host()
    app.register_blueprint(blueprint, url_prefix="/a")
    app.register_blueprint(blueprint, url_prefix="/b", name="again")
    other.register_blueprint(blueprint)
    answers = [post(app, "/a" + PATH), post(app, "/b" + PATH), post(other)]
    assert [answer.status_code for answer in answers] == [202, 202, 202]
    assert post(app, "/b" + PATH, exp=0).content_type == "application/problem+json"


def test_two_containers_serve_one_app_each_under_its_prefix() -> None:
    one, other = World.make(), World.make()
    app = a_host()
    app.register_blueprint(create_blueprint(one.container, a_viewer), url_prefix="/one")
    app.register_blueprint(create_blueprint(other.container, a_viewer), url_prefix="/other", name="other")
    assert post(app, "/other" + PATH).status_code == 202
    assert one.sessions.get(SESSION).claim is None
    assert other.sessions.get(SESSION).claim is not None
