"""The walk and the page "where does X go?" name files that exist."""

from __future__ import annotations

import re

import pytest

from .blocks import ROOT

_PATH = re.compile(r"`((?:core|ports|adapters|cli|testing|tests|examples)/[\w./]*)`")
_STOP = re.compile(r"^(\d+)\. `([\w/]+\.py)`", re.MULTILINE)


@pytest.mark.parametrize("page", ["walk.md", "where.md", "architecture.md"])
def test_every_file_that_a_page_names_exists(page: str) -> None:
    named = _PATH.findall((ROOT / "docs" / page).read_text())

    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_walk_has_at_most_twenty_stops() -> None:
    stops = _STOP.findall((ROOT / "docs" / "walk.md").read_text())

    assert [int(number) for number, _ in stops] == [*range(1, len(stops) + 1)]
    assert len(stops) <= 20
