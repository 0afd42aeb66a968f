"""The reference pages list every public module."""

from __future__ import annotations

from pkgutil import iter_modules
from types import ModuleType

import pytest

from show_goal import core, ports
from show_goal.core import requests, tasks

from .blocks import ROOT

INTERNAL = {"admission", "names"}
"""Modules of the core that only the use cases use."""
CORE = [core, requests, tasks]


@pytest.mark.parametrize(("page", "packages", "left_out"), [("core", CORE, INTERNAL), ("ports", [ports], set[str]())])
def test_the_page_has_every_module(page: str, packages: list[ModuleType], left_out: set[str]) -> None:
    shown = (ROOT / "docs" / "reference" / f"{page}.md").read_text()
    modules = {module.name for package in packages for module in iter_modules(package.__path__) if not module.ispkg}
    assert modules - left_out == {line.rpartition(".")[2] for line in shown.splitlines() if line.startswith("::: ")}
