"""Schemathesis reads the description and sends what it allows, and what it forbids: no server error, no surprise."""

from __future__ import annotations

import hmac
import io
from collections.abc import Iterable
from itertools import product
from typing import Any

import pytest
import schemathesis
from attrs import define, field
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.builders import NOW, SESSION, STREAMER, VIEWER_2
from tests.world import World

from .site import CALLBACK, KEY, Site

CONFORMANCE = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
QUICKLY = settings(
    max_examples=10,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


@define
class Fresh:
    """A WSGI app: a site in which a goal is ongoing, new whenever asked for. It signs what goes to the callback."""

    site: Site = field(factory=lambda: Site(World.make(wallet_keys=[KEY])))
    known: dict[str, object] = field(factory=dict)
    changed: bool = True
    """Whether a request may have changed the site."""

    def renew(self, *, streamer: bool) -> None:
        self.site = Site(World.make(wallet_keys=[KEY]))
        goal_id = self.site.world.invite(VIEWER_2).goal_id
        self.site.world.run_due()
        if streamer:
            self.site.as_user(STREAMER)
        now = int(NOW.timestamp())
        self.known = {
            "session_id": SESSION,
            "goal_id": goal_id,
            "exp": now + 99,
            "duration": 9,
            "ts": now,
            "channel_name": f"presence-stream@{STREAMER}",
        }

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] == CALLBACK:
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = io.BytesIO(body)
            environ["HTTP_X_WALLET_SIGNATURE"] = f"sha256={hmac.new(KEY.encode(), body, 'sha256').hexdigest()}"
        return self.site.app(environ, start_response)

    def with_what_is_known(self, values: Any) -> Any:
        """Generated values, with such ids and times in their place as lead somewhere."""
        if not isinstance(values, dict):
            return values
        return {name: self.known.get(name, value) for name, value in values.items()}


APP = Fresh()
DESCRIPTION = schemathesis.openapi.from_wsgi("/openapi.json", APP)
OPERATIONS = {one.ok().label: one.ok() for one in DESCRIPTION.get_all_operations() if isinstance(one, Ok)}
WITH_INPUT = [label for label in OPERATIONS if label not in {"GET /healthz", "GET /readyz"}]


def send(label: str, mode: GenerationMode, checks: list[Any]) -> set[int]:
    """The statuses that came back: to a viewer and to the streamer, without what is known and with it."""
    return {
        status
        for streamer, known in product((False, True), repeat=2)
        for status in _send(label, mode, checks, streamer=streamer, known=known)
    }


def _send(label: str, mode: GenerationMode, checks: list[Any], *, streamer: bool, known: bool) -> set[int]:
    @QUICKLY
    @given(case=OPERATIONS[label].as_strategy(generation_mode=mode))
    def send(case: schemathesis.Case[Any]) -> None:
        if APP.changed:
            APP.renew(streamer=streamer)
        if known:
            case.path_parameters = APP.with_what_is_known(case.path_parameters)
            if mode.is_positive:
                case.query = APP.with_what_is_known(case.query)
                case.body = APP.with_what_is_known(case.body)
        before = APP.site.stores()
        response = case.call()
        statuses.add(response.status_code)
        case.validate_response(response, checks)
        APP.changed = response.status_code < 400
        if not APP.changed:
            assert response.headers["content-type"] == ["application/problem+json"]
            assert APP.site.stores() == before

    statuses: set[int] = set()
    APP.changed = True
    send()
    return statuses


@pytest.mark.parametrize("label", OPERATIONS)
def test_what_is_described_is_answered_as_it_is_described(label: str) -> None:
    assert {200, 202} & send(label, GenerationMode.POSITIVE, CONFORMANCE), "some of it was accepted"


@pytest.mark.parametrize("label", WITH_INPUT)
def test_what_is_not_described_is_no_server_error_and_what_is_refused_changes_nothing(label: str) -> None:
    send(label, GenerationMode.NEGATIVE, [not_a_server_error])
