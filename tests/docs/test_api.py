"""docs/openapi.json and docs/api.md match the routes."""

from __future__ import annotations

from .api import API, OPENAPI, api, openapi

OLD = "docs/{} is old; draw it again: python -m tests.docs.api"


def test_the_committed_description_is_that_of_the_routes() -> None:
    assert OPENAPI.read_text() == openapi(), OLD.format(OPENAPI.name)


def test_the_page_about_the_routes_is_as_they_are() -> None:
    assert API.read_text() == api(), OLD.format(API.name)
