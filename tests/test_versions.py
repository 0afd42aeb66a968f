"""The bounds in pyproject.toml are the versions that the tests run with."""

from __future__ import annotations

import re
import tomllib

from packaging.version import Version

from .clone import ROOT
from .matrix import NAMED, PAGE, TABLE

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def pinned(name: str) -> dict[str, Version]:
    pins = re.findall(r"^([\w-]+)==([\w.]+)", (ROOT / "requirements" / f"{name}.txt").read_text(), re.MULTILINE)
    return {library: Version(version) for library, version in pins}


def lower_bounds() -> dict[str, Version]:
    extras = (PROJECT["optional-dependencies"][name] for name in PROJECT["optional-dependencies"] if name != "testing")
    requirements = [r for group in (PROJECT["dependencies"], *extras) for r in group]
    bounds = re.findall(r"^([\w-]+)(?:\[\w+\])?>=([\d.]+)", "\n".join(requirements), re.MULTILINE)
    return {library: Version(version) for library, version in bounds}


def test_the_oldest_libraries_of_the_tests_are_the_lower_bounds() -> None:
    oldest = pinned("oldest")
    assert {name: oldest[name] for name in lower_bounds()} == lower_bounds()


def rows() -> list[list[str]]:
    table = TABLE.search(PAGE.read_text())
    assert table
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in table[0].splitlines()]
    return lines[2:]


def test_the_page_shows_the_pinned_versions_on_every_python_that_we_name() -> None:
    named = {line.rpartition(" ")[2] for line in PROJECT["classifiers"] if "Python :: 3." in line}
    assert {row[0] for row in rows()} == named, "run make matrix"
    for python, pins, *versions, tests in rows():
        assert re.fullmatch(r"[\d,]+ passed(, \d+ (deselected|skipped|xfailed))*", tests), (python, pins)
        shown = {name: Version(version) for name, version in zip(NAMED, versions, strict=True)}
        assert shown == {name: pinned(pins)[name] for name in NAMED}, "run make matrix"
