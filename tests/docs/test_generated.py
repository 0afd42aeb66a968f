"""The generated parts of the documents match the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from show_goal.core.receivers import registry

from .generated import DOCUMENTS, FLOW, drawn

OLD = "is old; draw it again: python -m tests.docs.generated"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_generated_parts_match_the_code(document: Path) -> None:
    committed = document.read_text()
    assert committed == drawn(committed), f"docs/{document.name} {OLD}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_document_has_its_parts(document: Path) -> None:
    parts = re.findall(r"^<!-- generated: (\w+) -->$", document.read_text(), re.MULTILINE)
    assert tuple(parts) == DOCUMENTS[document]


@pytest.mark.parametrize(
    ("step", "receivers"), [("F10", registry.GOAL_CREATED), ("F14", registry.GOAL_ADDED)], ids=["F10", "F14"]
)
def test_the_flow_tells_the_receivers_in_their_order(step: str, receivers: tuple[object, ...]) -> None:
    shown = FLOW.read_text().partition(f"**{step}.")[2].partition("\n\n**")[0]
    names = re.findall(r"^\| `(\w+)` \|", shown, re.MULTILINE)
    assert names == [getattr(receiver, "__name__", "") for receiver in receivers]
