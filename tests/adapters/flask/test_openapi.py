"""The OpenAPI description and the routes agree. Every other test in this folder checks its responses against it too."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import jsonschema_rs
import pytest
from flask import Blueprint, Flask
from werkzeug.test import TestResponse

from show_goal.adapters.flask import create_api_docs, create_app, create_blueprint, create_wallet_callback
from show_goal.adapters.flask.openapi import describe
from show_goal.adapters.memory import MemoryClock, MemorySessions, MemoryTaskQueue
from show_goal.core.errors import HostRefusal
from show_goal.core.messages import DeactivateGoal
from show_goal.core.model import Session, Viewer
from show_goal.ports.errors import StoreUnavailable
from tests.builders import EXP, GOAL, SESSION, STREAMER, a_body, a_transfer, a_viewer
from tests.world import World

from .described import Documented, described_operations, description, disagreement, documented, operation_asked
from .site import CALLBACK, FORM, REFUSED, DeadTaskQueue, Site

OWN = {f"show_goal_api_docs.{name}" for name in ("openapi", "swagger_ui.show", "swagger_ui.static")}
"""The routes that serve the description."""


def test_every_route_of_the_app_is_described(site: Site) -> None:
    routes = {rule.endpoint for rule in site.app.url_map.iter_rules()}
    assert routes - OWN == described_operations().keys()


def test_the_description_is_served(site: Site) -> None:
    response = site.client.get("/openapi.json")
    assert (response.status_code, response.content_type) == (200, "application/json")
    assert response.get_json() == description()


def test_every_schema_is_valid_and_every_reference_has_its_schema() -> None:
    schemas = description()["components"]["schemas"]
    for schema in schemas.values():
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})
    text = json.dumps(description())
    referred = {part.partition('"')[0] for part in text.split('"$ref": "#/components/schemas/')[1:]}
    assert referred == schemas.keys()


# --- each documented problem, produced by its route ---

SEND: dict[str, Callable[..., TestResponse]] = {
    "show_goal.trigger_private": Site.post,
    "show_goal.preview_trigger_private": lambda site: site.preview(),
    "show_goal.view_goal": lambda site: site.goal(GOAL),
    "show_goal.answer_goal": lambda site, body=None, **options: site.answer(GOAL, body, **options),
    "show_goal.switch_preset": lambda site: site.switch("sd"),
    "show_goal_wallet.wallet_transaction": Site.report,
    "show_goal_channels.authorize_channel": Site.listen,
    "show_goal_probes.readyz": lambda site: site.client.get("/readyz"),
}
"""A valid request of each operation, unless ``options`` differ."""
BROKEN_OFF = {"environ_overrides": {"CONTENT_LENGTH": "4000"}}


def unanswered(*_: object, **__: object) -> None:
    raise StoreUnavailable("no answer")


class Down:
    """A port that never answers."""

    def __getattr__(self, name: str) -> Callable[..., object]:
        return unanswered


def overloaded() -> Site:
    clock = MemoryClock()
    task_queue = MemoryTaskQueue(clock, max_backlog=1)
    task_queue.trigger(a_transfer())
    return Site.of(clock=clock, task_queue=task_queue)


def too_large(operation_id: str) -> TestResponse:
    if operation_id == "show_goal_channels.authorize_channel":
        return Site().listen(data=b" " * 70_000, content_type=FORM)
    return SEND[operation_id](Site(), b" " * 70_000)


def invalid_invitation(operation_id: str) -> TestResponse:
    return Site().post({}) if operation_id == "show_goal.trigger_private" else Site().preview("")


def ended(operation_id: str) -> TestResponse:
    site = Site()
    goal_id = site.paid()
    site.world.refuse(goal_id)
    return site.as_user(STREAMER).answer(goal_id)


def price_changed(_: str) -> TestResponse:
    return Site().post(a_body(amount=89))


KEY: Any = {"headers": {"Idempotency-Key": "key"}}


def key_reused(_: str) -> TestResponse:
    site = Site()
    site.post(**KEY)
    return site.post(a_body(duration=91), **KEY)


def under_way(_: str) -> TestResponse:
    site = Site()
    setattr(site.world.container.keyed_requests(), "finish", lambda *of: None)  # noqa: B010
    site.post(**KEY)
    return site.post(**KEY)


def not_paid(operation_id: str) -> TestResponse:
    site = Site()
    goal_id = site.paid()
    site.world.container.deactivate_goal()(DeactivateGoal(goal_id=goal_id, metadata={"unpaid": EXP.isoformat()}))
    return site.as_user(STREAMER).answer(goal_id)


def session_over(operation_id: str) -> TestResponse:
    site = Site()
    goal_id = site.paid()
    return site.as_user(STREAMER).with_session(active=False).answer(goal_id)


def refused(code: str) -> Callable[[str], TestResponse]:
    def produce(operation_id: str) -> TestResponse:
        site = Site()
        REFUSED[code](site)
        return site.post(a_body(duration=120))

    return produce


PRODUCED: dict[str, Callable[[str], TestResponse]] = {
    "unavailable": lambda asked: SEND[asked](Site.of(sessions=Down(), goals=Down(), task_queue=DeadTaskQueue())),
    "overloaded": lambda asked: SEND[asked](overloaded()),
    "not_ready": lambda asked: SEND[asked](Site.of(checks={"store": unanswered})),
    "not_logged_in": lambda asked: SEND[asked](Site().logged_out()),
    "unsupported_media_type": lambda asked: SEND[asked](Site(), content_type="text/html"),
    "body_too_large": too_large,
    "incomplete_body": lambda asked: SEND[asked](Site(), **BROKEN_OFF),
    "malformed_json": lambda asked: SEND[asked](Site(), b"{"),
    "invalid_invitation": invalid_invitation,
    "invalid_answer": lambda asked: SEND[asked](Site(), {}),
    "invalid_transaction": lambda asked: SEND[asked](Site(), {}),
    "invalid_subscription": lambda asked: SEND[asked](Site(), socket_id="1"),
    "session_not_found": lambda asked: SEND[asked](Site.of(sessions=MemorySessions())),
    "goal_not_found": lambda asked: SEND[asked](Site()),
    "goal_ended": ended,
    "price_changed": price_changed,
    "idempotency_key_reused": key_reused,
    "request_under_way": under_way,
    "session_over": session_over,
    "not_paid": not_paid,
    "channel_forbidden": lambda asked: SEND[asked](Site()),
    "bad_signature": lambda asked: SEND[asked](Site(), header=""),
    **{code: refused(code) for code in REFUSED},
}


@pytest.mark.parametrize("problem", documented(), ids=str)
def test_a_route_produces_each_problem_that_it_documents(problem: Documented) -> None:
    response = PRODUCED[problem.code](problem.operation_id)
    assert operation_asked(Site().app, response) == problem.operation_id
    assert (response.status_code, response.get_json()["code"]) == (problem.status, problem.code)
    assert disagreement(problem.operation_id, response) is None


# --- where it is served ---


def a_host(prefix: str | None = None) -> Flask:
    world = World.make()
    app = Flask("host", static_folder=None)
    app.add_url_rule("/own", "own", view_func=lambda: "the host's own")
    api = Blueprint("api", "host", url_prefix=prefix)
    for blueprint in (create_blueprint(world.container, a_viewer), create_api_docs()):
        api.register_blueprint(blueprint)
    app.register_blueprint(api)
    app.register_blueprint(create_wallet_callback(world.container), url_prefix="/internal")
    return app


def test_description_has_the_routes_that_a_host_registered_at_their_addresses_and_no_others() -> None:
    served = a_host("/api/v2").test_client().get("/api/v2/openapi.json").get_json()
    assert list(served["paths"]) == [
        "/api/v2/goals/{goal_id}",
        "/api/v2/sessions/{session_id}/trigger_private",
        "/api/v2/streams/me/preset/{preset}",
        "/internal" + CALLBACK,
    ]


@pytest.mark.parametrize(("root", "url"), [("", "/"), ("/shop", "/shop")])
def test_description_says_where_the_app_is_mounted(root: str, url: str) -> None:
    served = a_host("/api").test_client().get("/api/openapi.json", environ_overrides={"SCRIPT_NAME": root})
    assert served.get_json()["servers"] == [{"url": url}]


@pytest.mark.parametrize("prefix", ["", "/api/v2"])
def test_the_page_finds_its_files_and_the_description_under_any_prefix(prefix: str) -> None:
    client = a_host(prefix or None).test_client()
    assert client.get(f"{prefix}/docs").location == f"http://localhost{prefix}/docs/"
    page = client.get(f"{prefix}/docs/").text
    assert '"url": "../openapi.json"' in page
    files = [part.split('"')[0] for attribute in ('src="', 'href="') for part in page.split(attribute)[1:]]
    assert files
    for name in files:
        assert name.startswith("./"), "nothing is fetched from elsewhere"
        with client.get(f"{prefix}/docs/{name[2:]}") as file:
            assert file.status_code == 200, name


def test_the_page_repeats_nothing_of_the_request() -> None:
    client = a_host().test_client()
    assert "evil" not in client.get("/docs/index.html?evil", headers={"Host": "evil.example"}).text


def test_operations_of_two_containers_in_one_app_have_different_ids() -> None:
    app = a_host("/one")
    app.register_blueprint(create_blueprint(World.make().container, a_viewer), url_prefix="/two", name="two")
    served = app.test_client().get("/one/openapi.json").get_json()
    ids = [operation["operationId"] for methods in served["paths"].values() for operation in methods.values()]
    assert len(ids) == len(set(ids)) == 11
    assert "/two/goals/{goal_id}" in served["paths"]


# --- a host's own guards ---


class AfterHours(HostRefusal):
    code = reason = "after_hours"
    detail = "Come back in the morning."


def by_day(viewer: Viewer, session: Session, duration: int, now: datetime) -> AfterHours | None:
    return AfterHours()


def test_a_hosts_own_refusal_is_answered_and_described_D32() -> None:
    app = create_app(World.make(host_guards=[by_day]).container, a_viewer)
    client = app.test_client()
    response = client.post(f"/sessions/{SESSION}/trigger_private", json=a_body())
    problem = {"status": 403, "title": "Forbidden", "code": "after_hours", "detail": "Come back in the morning."}
    assert (response.status_code, response.get_json()) == (403, {"type": "about:blank", **problem})
    seen = client.get(f"/sessions/{SESSION}/trigger_private?duration=90").get_json()
    assert (seen["accepted"], seen["code"], seen["detail"]) == (False, "after_hours", problem["detail"])
    described = describe(app)["components"]["schemas"]
    assert described["problem.after_hours"]["properties"]["detail"] == {"const": problem["detail"]}
    assert "problem.after_hours" not in description()["components"]["schemas"]
