"""The bounds in pyproject.toml are the versions that the tests run with."""

from __future__ import annotations

import re
import tomllib

from packaging.version import Version

from .clone import ROOT
from .matrix import NAMED, PAGE, ROWS, TABLE

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
    lines = [line for line in table[0].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_the_page_shows_the_pinned_versions_on_every_python_that_we_name() -> None:
    named = {line.rpartition(" ")[2] for line in PROJECT["classifiers"] if "Python :: 3." in line}
    assert {row[0] for row in rows()} == named, "run make matrix"
    assert [(row[0], row[1]) for row in rows()] == [(row.python, row.pins) for row in ROWS], "run make matrix"
    for python, pins, *versions, tests in rows():
        assert re.fullmatch(r"[\d,]+ passed(, \d+ (deselected|skipped|xfailed))*", tests), (python, pins)
        shown = {name: Version(version) for name, version in zip(NAMED, versions, strict=True)}
        assert shown == {name: pinned(pins)[name] for name in NAMED}, "run make matrix"


def test_the_page_shows_an_old_and_a_new_broker_of_each_kind() -> None:
    table = TABLE.search(PAGE.read_text())
    assert table
    brokers = dict(re.findall(r"(RabbitMQ|Redis) (\d+\.[\d.]+ and \d+)\.", table[0]))
    majors = {name: re.sub(r"\.[\d.]+", "", versions) for name, versions in brokers.items()}
    assert majors == {"RabbitMQ": "3 and 4", "Redis": "7 and 8"}, "run make matrix"
    assert "MongoDB 6." in table[0], "run make matrix"
