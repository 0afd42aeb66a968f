"""What is shipped: every module of the tree, and nothing else."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("core", "ports", "adapters")

pytestmark = pytest.mark.skipif(
    not (ROOT / "core").is_dir(), reason="there is no tree here to build from: these tests run against the wheel itself"
)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    out = tmp_path_factory.mktemp("dist")
    source = tmp_path_factory.mktemp("source")
    # A copy, so that nothing stale is picked up from the tree's build folder, nor left there.
    for name in ("__init__.py", "py.typed", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for room in ROOMS:  # Without what is compiled: other processes write there meanwhile.
        shutil.copytree(ROOT / room, source / room, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(source)]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = out.glob("*.whl")
    return set(ZipFile(wheel).namelist())


def test_wheel_holds_every_module_and_the_type_marker_and_nothing_else(shipped: set[str]) -> None:
    modules = {f"show_goal/{path.relative_to(ROOT)}" for room in ROOMS for path in (ROOT / room).rglob("*.py")}

    assert {name for name in shipped if ".dist-info/" not in name} == {
        *modules,
        "show_goal/__init__.py",
        "show_goal/py.typed",
    }


def test_wheel_carries_its_licence(shipped: set[str]) -> None:
    assert any(name.endswith("licenses/LICENSE") for name in shipped)


def test_base_installation_needs_four_libraries_alone() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    needed = {requirement.partition(">")[0] for requirement in project["dependencies"]}
    assert needed == {"attrs", "blinker", "cattrs", "dependency-injector"}


def test_every_dependency_has_a_lower_and_an_upper_bound() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"].values()
    groups = project["dependency-groups"].values()
    requirements = [r for group in (project["project"]["dependencies"], *extras, *groups) for r in group]

    named = [r for r in requirements if isinstance(r, str) and not r.startswith("show-goal[")]
    assert [r for r in named if ">=" not in r or ",<" not in r] == []


def test_no_pin_carries_an_address() -> None:
    assert [path.name for path in (ROOT / "requirements").glob("*.txt") if "://" in path.read_text()] == []
