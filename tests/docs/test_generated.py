"""The generated parts of the documents match the code."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from show_goal.core.names import GOAL_CLASSES
from show_goal.core.receivers import registry
from show_goal.core.receivers.matrix import Row
from show_goal.core.receivers.registry import MATRIX
from show_goal.core.rules.states import EARNED, GoalState
from show_goal.ports.wallet import Wallet
from show_goal.testing.conformance import Promise

from .api import API, OPENAPI, api, openapi
from .blocks import python_blocks
from .generated import CONFORMANCE, DOCUMENTS, DOES, FLOW, LIFECYCLE, SUITES, drawn

OLD = "is old; draw it again: python -m tests.docs.generated"


@pytest.mark.parametrize(("document", "draw"), [(OPENAPI, openapi), (API, api)], ids=["openapi", "api"])
def test_the_description_of_the_routes_matches_them(document: Path, draw: Callable[[], str]) -> None:
    assert document.read_text() == draw(), f"docs/{document.name} is old; draw it again: python -m tests.docs.api"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_document_has_its_generated_parts_and_they_match_the_code(document: Path) -> None:
    committed = document.read_text()
    parts = re.findall(r"^<!-- generated: (\w+) -->$", committed, re.MULTILINE)
    assert tuple(parts) == DOCUMENTS[document]
    assert committed == drawn(committed), f"docs/{document.name} {OLD}"


@pytest.mark.parametrize(
    ("step", "receivers"), [("F10", registry.GOAL_CREATED), ("F14", registry.GOAL_ADDED)], ids=["F10", "F14"]
)
def test_the_flow_tells_the_receivers_in_their_order(step: str, receivers: tuple[Row[Any], ...]) -> None:
    shown = FLOW.read_text().partition(f"**{step}.")[2].partition("\n\n**")[0]
    names = re.findall(r"^\| `(\w+)` \|", shown, re.MULTILINE)
    assert names == [row.name for row in receivers]


def test_every_state_is_explained() -> None:
    explained = re.findall(r"^\| `(\w+)` \|", LIFECYCLE.read_text(), re.MULTILINE)
    assert explained[: len(GoalState)] == [state.value for state in GoalState]


def test_every_receiver_is_explained_and_no_other() -> None:
    assert {row.name for rows in MATRIX.rows.values() for row in rows} == set(DOES)


def test_every_neighbour_is_listed_with_its_release_N7() -> None:
    listed = re.findall(
        r"^\| `(\w+)` \|.*\| (.+) \|$", LIFECYCLE.read_text().partition("## The neighbours")[2], re.MULTILINE
    )
    assert [_cls for _cls, _ in listed[: len(GOAL_CLASSES) - 1]] == list(GOAL_CLASSES[1:])
    assert {_cls for _cls, paid in listed[: len(GOAL_CLASSES) - 1] if paid != "never"} == set(EARNED) - {
        GOAL_CLASSES[0]
    }


def test_the_example_wallet_is_run_through_its_suite() -> None:
    code = "".join(block.code for block in python_blocks(CONFORMANCE))
    assert "class TestSqliteWallet(WalletConformance):" in code


def test_the_example_of_a_failure_is_what_the_kit_says() -> None:
    once = Promise(Wallet.hold, "once")
    assert f"AssertionError: {once}" in " ".join(CONFORMANCE.read_text().split())


def test_every_optional_promise_is_explained() -> None:
    explained = re.findall(r"^\| `(\w+) = False` \|", CONFORMANCE.read_text(), re.MULTILINE)
    named = {promise.capability for suite in SUITES for promise in suite.promises() if promise.capability}
    assert {*explained} == named
