"""The README's figures and tables are those of the code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from click.testing import CliRunner

from show_goal.adapters.container import Container
from show_goal.cli.commands import show_goal

from .blocks import ROOT
from .steps import shows
from .test_code_blocks import ENVIRONMENT

README = ROOT / "README.md"
SETTINGS = ROOT / "docs" / "settings.md"


class Asked(Mapping[str, str]):
    """An environment that remembers which variables it was asked for."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        return ENVIRONMENT[name]

    def __iter__(self) -> Iterator[str]:
        return iter(ENVIRONMENT)

    def __len__(self) -> int:
        return len(ENVIRONMENT)


def test_the_table_lists_exactly_the_variables_that_are_read() -> None:
    asked = Asked()
    Container.from_env(asked)
    assert set(re.findall(r"^\| `(SHOW_GOAL_\w+)`", SETTINGS.read_text(), re.MULTILINE)) == asked.names


def test_the_demo_prints_what_the_readme_shows() -> None:
    shown = README.read_text().partition("<!-- demo -->\n```text\n")[2].partition("\n```")[0]
    printed = CliRunner().invoke(show_goal, ["demo"], env={"COLUMNS": "100"}).stdout
    assert shows(printed, shown)
