"""Links between the documents work."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .blocks import PAGES, ROOT

_LINK = re.compile(r"\]\((?!https?://)([^)#]*)(?:#([^)]+))?\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def anchors(document: Path) -> set[str]:
    """The anchors that a Markdown viewer makes from headings."""
    headings = (re.sub(r"[^\w\- ]", "", heading).strip().lower() for heading in _HEADING.findall(document.read_text()))
    return {heading.replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", PAGES, ids=lambda document: str(document.relative_to(ROOT)))
def test_links_work(document: Path) -> None:
    for target, anchor in _LINK.findall(document.read_text()):
        path = (document.parent / target) if target else document
        assert path.exists(), target
        if anchor:
            assert anchor in anchors(path), f"{target}#{anchor}"


def test_every_decision_has_its_heading() -> None:
    headings = _HEADING.findall((ROOT / "docs" / "decisions.md").read_text())
    numbers = [heading.split()[0] for heading in headings if re.match(r"[DLHN]\d+ ", heading)]
    series = {"D": 28, "L": 6, "H": 3, "N": 9}
    assert numbers == [f"{letter}{n}" for letter, last in series.items() for n in range(1, last + 1)]
