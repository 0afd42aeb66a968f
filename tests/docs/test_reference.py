"""The reference pages have every module that a reader may need."""

from __future__ import annotations

from pkgutil import iter_modules

import pytest

import show_goal.core as core
import show_goal.ports as ports

from .blocks import ROOT

INTERNAL = {"admission", "guards", "invitation", "names", "neighbours", "pricing", "private_goal", "states", "channels"}
"""Of the core: what use cases are made of."""


@pytest.mark.parametrize(("page", "package", "left_out"), [("core", core, INTERNAL), ("ports", ports, set[str]())])
def test_the_page_has_every_module(page: str, package: object, left_out: set[str]) -> None:
    shown = (ROOT / "docs" / "reference" / f"{page}.md").read_text()
    modules = {module.name for module in iter_modules(package.__path__) if not module.ispkg} - left_out  # type: ignore[attr-defined]
    assert modules == {line.rpartition(".")[2] for line in shown.splitlines() if line.startswith("::: ")}
