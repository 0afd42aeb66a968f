"""Whatever is thrown at the routes and at what reads for them: a refusal, and nothing has changed."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from show_goal.adapters.flask.bodies import MalformedJson, parse_json
from show_goal.core.names import ids_of
from tests.builders import GOAL, NOW, STREAMER, a_body

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
"""Its client checks that a refusal changes nothing, so that all examples share it."""
STREAMERS = Site().as_user(STREAMER)
PATIENTLY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no failure


@PATIENTLY
@given(body=BODIES, content_type=st.just("application/json") | TYPES)
def test_no_body_is_a_server_error_and_none_changes_a_store(body: str | bytes, content_type: str) -> None:
    assume(not an_invitation(body))
    response = SITE.post(body, content_type=content_type)
    assert response.status_code in (400, 413, 415)
    assert response.content_type == "application/problem+json"
    assert response.get_json()["status"] == response.status_code


@PATIENTLY
@given(body=BODIES | st.fixed_dictionaries({"agree": JSON}, optional={"x": JSON}).map(json.dumps))
def test_no_answer_is_a_server_error(body: str | bytes) -> None:
    response = STREAMERS.answer(GOAL, body if isinstance(body, bytes) else body.encode())
    assert response.status_code in (400, 404, 413)


FIELDS = st.dictionaries(
    st.sampled_from(["socket_id", "channel_name", "socket_id[$gt]"]) | st.text(),
    st.sampled_from(["1.1", f"private-stream@{STREAMER}", "private-"]) | st.text(),
)


@PATIENTLY
@given(form=st.binary(max_size=5_000) | FIELDS.map(urlencode))
def test_no_form_is_a_server_error(form: str | bytes) -> None:
    response = SITE.listen("", data=form, content_type="application/x-www-form-urlencoded")
    assert response.status_code in (200, 400, 403, 413)
    assert response.status_code != 200 or response.get_json()["auth"].startswith("memory:")


QUERIES = (
    st.text(PRINTABLE) | FIELDS.map(urlencode) | (st.text() | WHOLE).map(lambda d: urlencode({"duration": str(d)}))
)


@PATIENTLY
@given(query=QUERIES)
def test_no_query_is_a_server_error_and_none_changes_a_store(query: str) -> None:
    before = SITE.stores()
    assert SITE.preview(query).status_code in (200, 400)
    assert SITE.stores() == before


@PATIENTLY
@given(data=st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_what_is_read_as_json_is_what_everybody_reads_and_can_be_written_again(data: bytes) -> None:
    try:
        value = parse_json(data)
    except MalformedJson:
        return
    assert repr(value) == repr(json.loads(data))
    json.dumps(value, ensure_ascii=False).encode()


@PATIENTLY
@given(tag=st.text() | st.from_regex(r"\w*::livestream\.session:.+\.trigger_private:.+"))
def test_a_tag_names_two_ids_of_one_part_each_or_none(tag: str) -> None:
    ids = ids_of(tag)
    assert ids is None or (tag.endswith(f"::livestream.session:{ids[0]}.trigger_private:{ids[1]}") and all(ids))


def an_invitation(body: str | bytes) -> bool:
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
