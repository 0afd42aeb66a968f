"""The bounds in pyproject.toml are the versions that the tests run with."""

from __future__ import annotations

import re
import tomllib

from packaging.version import Version

from .clone import ROOT

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
