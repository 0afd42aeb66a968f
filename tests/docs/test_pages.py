"""What the pages point to exists: links, files, decisions, modules."""

from __future__ import annotations

import re
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType

import pytest

from show_goal import core, ports
from show_goal.core import operators, requests, tasks

from .blocks import PAGES, ROOT

_LINK = re.compile(r"\]\((?!https?://)([^)#]*)(?:#([^)]+))?\)")
_LINKED = re.compile(r"\[([^][]+)\]\(")
_NAMELESS = re.compile(r"here|this|that|why|link|`?[\w./-]+\.(?:md|py|json)`?")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_PATH = re.compile(r"`((?:core|ports|adapters|cli|testing|tests|examples)/[\w./]*)`")
_STOP = re.compile(r"^(\d+)\. `([\w/]+\.py)`", re.MULTILINE)
NAMING = [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
INTERNAL = {"admission", "names"}
"""Modules of the core that only the use cases use."""
CORE = [core, operators, requests, tasks]


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


@pytest.mark.parametrize("document", NAMING, ids=lambda document: str(document.relative_to(ROOT)))
def test_a_link_names_what_it_leads_to_N10(document: Path) -> None:
    assert [text for text in _LINKED.findall(document.read_text()) if _NAMELESS.fullmatch(text)] == []


LATER = [f"D{number}" for number in range(29, 50)]
"""Decisions that have a heading once they are carried out."""


def test_every_decision_has_its_heading() -> None:
    headings = _HEADING.findall((ROOT / "docs" / "decisions.md").read_text())
    numbers = [heading.split()[0] for heading in headings if re.match(r"[DLHN]\d+ ", heading)]
    series = {"D": 28, "L": 6, "H": 5, "N": 9}
    assert [number for number in numbers if number not in LATER] == [
        f"{letter}{n}" for letter, last in series.items() for n in range(1, last + 1)
    ]
    later = [number for number in numbers if number in LATER]
    assert later == [number for number in LATER if number in later], "in order, and each once"


@pytest.mark.parametrize("page", ["walk.md", "where.md", "architecture.md"])
def test_every_file_that_a_page_names_exists(page: str) -> None:
    named = _PATH.findall((ROOT / "docs" / page).read_text())
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_walk_has_at_most_twenty_stops() -> None:
    stops = _STOP.findall((ROOT / "docs" / "walk.md").read_text())
    assert [int(number) for number, _ in stops] == [*range(1, len(stops) + 1)]
    assert len(stops) <= 20


@pytest.mark.parametrize(("page", "packages", "left_out"), [("core", CORE, INTERNAL), ("ports", [ports], set[str]())])
def test_the_page_has_every_module(page: str, packages: list[ModuleType], left_out: set[str]) -> None:
    shown = (ROOT / "docs" / "reference" / f"{page}.md").read_text()
    modules = {module.name for package in packages for module in iter_modules(package.__path__) if not module.ispkg}
    assert modules - left_out == {line.rpartition(".")[2] for line in shown.splitlines() if line.startswith("::: ")}


def test_every_test_that_a_page_names_exists() -> None:
    named = {name for page in PAGES for name in re.findall(r"`(test_\w+)`", page.read_text())}
    there = {
        name
        for folder in ("tests", "testing")
        for file in (ROOT / folder).rglob("*.py")
        for name in re.findall(r"def (test_\w+)", file.read_text())
    }
    modules = {file.stem for file in (ROOT / "tests").rglob("test_*.py")}
    assert named - there - modules == set()
