"""The description, held against the routes that run. Every other test here holds its answers against it, too."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import jsonschema_rs
import pytest
from flask import Blueprint, Flask
from werkzeug.test import TestResponse

from show_goal.adapters.flask import create_api_docs, create_blueprint, create_wallet_callback
from show_goal.adapters.memory import MemorySessions
from show_goal.ports.errors import StoreUnavailable
from tests.builders import GOAL, a_viewer
from tests.world import World

from . import test_problems as refused
from .described import Documented, described_operations, description, disagreement, documented, operation_asked
from .site import CALLBACK, KEY, PATH, Site
from .test_wallet_callback import a_report

OWN = {"show_goal_api_docs.openapi", "show_goal_api_docs.swagger_ui.show"}
"""What serves the description itself."""


def test_every_route_of_the_app_is_described(site: Site) -> None:
    routes = {rule.endpoint for rule in site.app.url_map.iter_rules()}
    assert routes - OWN == described_operations().keys()


def test_what_is_served_is_the_description(site: Site) -> None:
    response = site.client.get("/openapi.json")
    assert (response.status_code, response.content_type) == (200, "application/json")
    assert response.get_json() == description()


def test_every_schema_is_one_and_every_reference_leads_somewhere() -> None:
    schemas = description()["components"]["schemas"]
    for schema in schemas.values():
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})
    text = json.dumps(description())
    referred = {part.partition('"')[0] for part in text.split('"$ref": "#/components/schemas/')[1:]}
    assert referred == schemas.keys()


# --- every documented code, produced by its route ---

SEND: dict[str, Callable[..., TestResponse]] = {
    "show_goal.trigger_private": lambda site, **o: site.post(**o),
    "show_goal.preview_trigger_private": lambda site, **o: site.client.get(f"{PATH}?duration=90", **o),
    "show_goal.view_goal": lambda site, **o: site.client.get(f"/goals/{GOAL}", **o),
    "show_goal.answer_goal": lambda site, **o: site.answer(GOAL, **o),
    "show_goal.switch_preset": lambda site, **o: site.client.patch("/streams/me/preset/sd", **o),
    "show_goal_wallet.wallet_transaction": lambda site, **o: site.report(o.pop("body", a_report()), **o),
    "show_goal_channels.authorize_channel": lambda site, **o: site.listen("private-x", **o),
    "show_goal_probes.readyz": lambda site, **o: site.client.get("/readyz", **o),
}
"""A valid request of each operation, unless ``options`` differ."""


class Down:
    """A port that never answers."""

    def __getattr__(self, name: str) -> Callable[..., object]:
        def fail(*_: object, **__: object) -> object:
            raise StoreUnavailable("no answer")

        return fail


def _site(**ports: Any) -> Site:
    return Site(World.make(wallet_keys=[KEY], **ports))


def unavailable(operation_id: str) -> TestResponse:
    return SEND[operation_id](_site(sessions=Down(), goals=Down(), task_queue=Down()))


def not_logged_in(operation_id: str) -> TestResponse:
    site = _site()
    site.viewer = None
    return SEND[operation_id](site)


def unsupported_media_type(operation_id: str) -> TestResponse:
    return SEND[operation_id](_site(), content_type="text/html")


def body_too_large(operation_id: str) -> TestResponse:
    key = "data" if operation_id.startswith("show_goal_channels") else "body"
    kind = {"content_type": "application/x-www-form-urlencoded"} if key == "data" else {}
    return SEND[operation_id](_site(), **{key: b" " * 70_000}, **kind)


def incomplete_body(operation_id: str) -> TestResponse:
    site = _site()
    if operation_id == "show_goal_wallet.wallet_transaction":
        headers = {"X-Wallet-Signature": f"sha256={'0' * 64}"}
        return site.client.post(CALLBACK, data=b"{}", headers=headers, environ_overrides={"CONTENT_LENGTH": "3"})
    return SEND[operation_id](site, environ_overrides={"CONTENT_LENGTH": "4000"})


def malformed_json(operation_id: str) -> TestResponse:
    return SEND[operation_id](_site(), body=b"{")


def invalid_invitation(operation_id: str) -> TestResponse:
    site = _site()
    return site.post({}) if operation_id == "show_goal.trigger_private" else site.client.get(PATH)


def session_not_found(operation_id: str) -> TestResponse:
    return SEND[operation_id](_site(sessions=MemorySessions()))


def of(refuse: Callable[[Site], TestResponse]) -> Callable[[str], TestResponse]:
    return lambda _: refuse(_site())


def goal_not_found(operation_id: str) -> TestResponse:
    return SEND[operation_id](_site())


def not_ready(operation_id: str) -> TestResponse:
    def fail() -> None:
        raise StoreUnavailable("no answer")

    return SEND[operation_id](_site(checks={"store": fail}))


PRODUCED: dict[str, Callable[[str], TestResponse]] = {
    "unavailable": unavailable,
    "not_logged_in": not_logged_in,
    "unsupported_media_type": unsupported_media_type,
    "body_too_large": body_too_large,
    "incomplete_body": incomplete_body,
    "malformed_json": malformed_json,
    "invalid_invitation": invalid_invitation,
    "session_not_found": session_not_found,
    "goal_not_found": goal_not_found,
    "not_ready": not_ready,
    "own_session": of(refused.own_session),
    "private_show_unavailable": of(refused.blocked),
    "show_running": of(refused.show_running),
    "cooldown": of(refused.cooldown),
    "transaction_conflict": of(refused.transaction_conflict),
    "insufficient_balance": of(refused.insufficient_balance),
    "goal_ended": of(refused.goal_ended),
    "bad_signature": of(refused.bad_signature),
    "channel_forbidden": of(refused.channel_forbidden),
    "invalid_answer": lambda _: _site().answer(GOAL, {}),
    "invalid_transaction": lambda _: _site().report({}),
    "invalid_subscription": lambda _: _site().listen("private-x", socket_id="1"),
}


@pytest.mark.parametrize("problem", documented(), ids=str)
def test_a_documented_problem_is_one_that_its_route_answers_and_as_it_is_described(problem: Documented) -> None:
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


def test_a_hosts_description_has_the_routes_that_it_registered_where_they_are_and_no_others() -> None:
    served = a_host("/api/v2").test_client().get("/api/v2/openapi.json").get_json()
    assert list(served["paths"]) == [
        "/api/v2/goals/{goal_id}",
        "/api/v2/sessions/{session_id}/trigger_private",
        "/api/v2/streams/me/preset/{preset}",
        "/internal" + CALLBACK,
    ]


def test_an_app_that_is_mounted_somewhere_says_where() -> None:
    client = a_host("/api").test_client()
    assert client.get("/api/openapi.json").get_json()["servers"] == [{"url": "/"}]
    mounted = client.get("/api/openapi.json", environ_overrides={"SCRIPT_NAME": "/shop"})
    assert mounted.get_json()["servers"] == [{"url": "/shop"}]


@pytest.mark.parametrize("prefix", [None, "/api/v2"])
def test_the_page_finds_its_parts_and_the_description_under_any_prefix(prefix: str | None) -> None:
    client = a_host(prefix).test_client()
    assert client.get(f"{prefix or ''}/docs").location == f"http://localhost{prefix or ''}/docs/"
    page = client.get(f"{prefix or ''}/docs/").text
    assert '"url": "../openapi.json"' in page
    parts = [part.split('"')[0] for attribute in ('src="', 'href="') for part in page.split(attribute)[1:]]
    assert parts
    for part in parts:
        assert part.startswith("./"), "nothing is fetched from elsewhere"
        with client.get(f"{prefix or ''}/docs/{part[2:]}") as file:
            assert file.status_code == 200, part


def test_the_page_repeats_nothing_of_the_request() -> None:
    client = a_host().test_client()
    assert "evil" not in client.get("/docs/index.html?evil", headers={"Host": "evil.example"}).text


def test_one_app_may_serve_two_containers_each_under_its_prefix() -> None:
    app = a_host("/one")
    app.register_blueprint(create_blueprint(World.make().container, a_viewer), url_prefix="/two", name="two")
    served = app.test_client().get("/one/openapi.json").get_json()
    ids = [operation["operationId"] for methods in served["paths"].values() for operation in methods.values()]
    assert len(ids) == len(set(ids)) == 11
    assert "/two/goals/{goal_id}" in served["paths"]
