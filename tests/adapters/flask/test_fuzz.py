"""Random bodies are refused, never a server error, and change nothing: test_schemathesis tries the other routes."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from show_goal.adapters.http.bodies import MalformedJson, parse_json
from tests.builders import NOW, a_body

from .site import Site

VALID = a_body()
TEXT = st.text() | st.text(st.characters(categories=["Cs", "Cc", "Nd"]))  # halves of surrogates, controls, any digit
WHOLE = st.integers() | st.integers(min_value=2**53 - 2)
JSON = st.recursive(
    st.none() | st.booleans() | WHOLE | st.floats() | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=10,
)
NEARLY_VALID = st.fixed_dictionaries(
    {}, optional={"exp": st.just(VALID["exp"]) | JSON, "duration": st.just(VALID["duration"]) | JSON, "": JSON}
)
BODIES = st.binary(max_size=5_000) | JSON.map(json.dumps) | NEARLY_VALID.map(json.dumps)
PRINTABLE = st.characters(min_codepoint=32, max_codepoint=126)
TYPES = st.sampled_from(["application/json", "application/json; charset=utf-8", "text/plain", ""]) | st.text(
    PRINTABLE, max_size=20
)
SITE = Site()
"""All examples share it, because none changes it."""
PATIENTLY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no failure


@PATIENTLY
@given(body=BODIES, content_type=st.just("application/json") | TYPES)
def test_no_invitation_is_a_server_error(body: str | bytes, content_type: str) -> None:
    assume(not is_invitation(body))
    assert SITE.post(body, content_type=content_type).status_code in (400, 413, 415)


@PATIENTLY
@given(data=st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_json_is_read_as_everybody_reads_it_and_can_be_written_again(data: bytes) -> None:
    try:
        value = parse_json(data)
    except MalformedJson:
        return
    assert repr(value) == repr(json.loads(data))
    json.dumps(value, ensure_ascii=False).encode()


def is_invitation(body: str | bytes) -> bool:
    try:
        value: Any = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return (
        isinstance(value, dict)
        and set(value) == {"exp", "duration"}
        and type(value["exp"]) is type(value["duration"]) is int
        and 0 < value["exp"] - int(NOW.timestamp()) <= 3_600
        and 1 <= value["duration"] <= 21_600
    )
