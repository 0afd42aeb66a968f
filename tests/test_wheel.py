"""What only a built distribution can get wrong: its contents, its metadata, what is importable with which extra."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
import tomllib
from email import message_from_string
from email.message import Message
from importlib.metadata import packages_distributions
from pathlib import Path
from zipfile import ZipFile

import pytest
from attrs import frozen

import show_goal

from .clone import clone
from .docs.blocks import python_blocks
from .docs.test_code_blocks import ENVIRONMENT

ROOT = Path(__file__).parents[1]
ROOMS = ("core", "ports", "adapters", "cli", "testing")
UV = (sys.executable, "-m", "uv")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LIBRARY = ("show_goal.core", "show_goal.ports", "show_goal.adapters.memory", "show_goal.adapters.container")
"""What works without an extra."""
EXTRAS = (
    *("show_goal.adapters.mongo", "show_goal.adapters.celery", "show_goal.adapters.pusher", "show_goal.adapters.flask"),
    *("show_goal.adapters.telemetry", "show_goal.cli.commands", "show_goal.testing.conformance"),
    "show_goal.testing.plugin",
)
"""Each needs an extra."""

IMPORT_ALL = """
import importlib, json, pkgutil, show_goal
missing = {}
for module in pkgutil.walk_packages(show_goal.__path__, "show_goal.", onerror=lambda name: None):
    if module.name.endswith(".__main__"):
        continue
    try:
        importlib.import_module(module.name)
    except ImportError as error:
        missing[module.name] = error.name or str(error)
print(json.dumps({"at": show_goal.__file__, "missing": missing}))
"""


@frozen
class Installed:
    """The wheel in a virtual environment with nothing but what it asks for, far from the tree."""

    folder: Path

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(self.folder / "bin" / program), *arguments]
        return subprocess.run(command, cwd=self.folder, env=ENVIRONMENT, capture_output=True, text=True, check=False)

    def python(self, code: str) -> str:
        result = self.run("python", "-I", "-c", code)
        assert result.returncode == 0, result.stderr
        return result.stdout


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clone(tmp_path_factory.mktemp("source") / "show-goal")


@pytest.fixture(scope="module")
def sdist(source: Path) -> Path:
    """Beside it is the wheel that was built from it."""
    command = [*UV, "build", "--quiet", "--no-build-isolation", "--python", sys.executable, str(source)]
    subprocess.run(command, check=True)
    (sdist,) = (source / "dist").glob("*.tar.gz")
    return sdist


@pytest.fixture(scope="module")
def wheel(sdist: Path) -> Path:
    (wheel,) = sdist.parent.glob("*.whl")
    return wheel


def install(wheel: Path, extras: str, folder: Path) -> Installed:
    pins = ROOT / "requirements" / "dev.txt"
    subprocess.run([*UV, "venv", "--quiet", "--seed", "--python", sys.executable, str(folder)], check=True)
    to = ["--python", str(folder / "bin" / "python"), "--constraint", str(pins)]
    subprocess.run([*UV, "pip", "install", "--quiet", *to, f"{wheel}{extras}"], check=True)
    return Installed(folder)


@pytest.fixture(scope="module")
def base(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return install(wheel, "", tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def full(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return install(wheel, "[all,testing]", tmp_path_factory.mktemp("full"))


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    with ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return message_from_string(archive.read(name).decode())


def test_wheel_holds_every_module_and_the_type_marker_and_nothing_else(wheel: Path) -> None:
    modules = {f"show_goal/{path.relative_to(ROOT)}" for room in ROOMS for path in (ROOT / room).rglob("*.py")}
    shipped = ZipFile(wheel).namelist()

    assert {name for name in shipped if ".dist-info/" not in name} == {
        *modules,
        "show_goal/__init__.py",
        "show_goal/py.typed",
    }
    assert any(name.endswith("licenses/LICENSE") for name in shipped)


def test_sdist_holds_the_whole_repository(source: Path, sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        shipped = {name.partition("/")[2] for name in archive.getnames() if archive.getmember(name).isfile()}

    made = {"PKG-INFO", "setup.cfg", *(name for name in shipped if name.startswith("show_goal.egg-info/"))}
    theirs = {str(path.relative_to(source)) for path in source.rglob("*") if path.is_file()}
    assert shipped - made == {name for name in theirs if not name.startswith(("dist/", "show_goal.egg-info/"))}


def test_package_index_would_take_both(sdist: Path, wheel: Path) -> None:
    command = [sys.executable, "-m", "twine", "check", "--strict", str(sdist), str(wheel)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stdout


def test_metadata_says_what_pyproject_says(metadata: Message) -> None:
    project = PROJECT["project"]

    assert metadata["Name"] == project["name"]
    assert metadata["Version"] == show_goal.__version__
    assert metadata["License-Expression"] == project["license"]
    assert metadata["Requires-Python"] == project["requires-python"]
    assert set(metadata.get_all("Provides-Extra", [])) == set(project["optional-dependencies"])
    assert str(metadata.get_payload()).strip() == (ROOT / "README.md").read_text().strip()


def test_base_installation_needs_four_libraries(metadata: Message) -> None:
    unconditional = [line for line in metadata.get_all("Requires-Dist", []) if ";" not in line]

    needed = {line.partition("<")[0].partition(">")[0] for line in unconditional}
    assert needed == {"attrs", "blinker", "cattrs", "dependency-injector"}


def test_base_installation_imports_core_ports_and_memory(base: Installed) -> None:
    told = json.loads(base.python(IMPORT_ALL))

    assert Path(told["at"]).is_relative_to(base.folder)
    assert [name for name in told["missing"] if name.startswith(LIBRARY)] == []
    assert {*EXTRAS} <= {*told["missing"]}
    base.python("from show_goal.adapters.container import Container; Container.in_memory()")


def test_command_without_its_extra_names_what_pip_then_installs(wheel: Path, tmp_path: Path) -> None:
    base = install(wheel, "", tmp_path)

    refused = base.run("show-goal", "demo")
    assert refused.returncode == 1
    assert "pip install 'show-goal[cli]'" in refused.stderr

    installed = base.run("pip", "install", "--quiet", "show-goal[cli]")
    assert installed.returncode == 0, installed.stderr
    assert base.run("show-goal", "--version").stdout == f"show-goal, version {show_goal.__version__}\n"


def test_every_module_is_importable_with_all_extras(full: Installed) -> None:
    told = json.loads(full.python(IMPORT_ALL))

    assert Path(told["at"]).is_relative_to(full.folder)
    assert told["missing"] == {}


def test_command_runs_the_demo(full: Installed) -> None:
    result = full.run("show-goal", "demo")

    assert result.returncode == 0, result.stderr
    assert "no problems" in result.stdout


def test_first_python_of_the_readme_runs(full: Installed) -> None:
    first, *_ = python_blocks(ROOT / "README.md")

    full.python(first.code)


def test_every_dependency_has_a_lower_and_an_upper_bound() -> None:
    extras = PROJECT["project"]["optional-dependencies"].values()
    groups = PROJECT["dependency-groups"].values()
    requirements = [r for group in (PROJECT["project"]["dependencies"], *extras, *groups) for r in group]

    named = [r for r in requirements if isinstance(r, str) and not r.startswith("show-goal[")]
    assert [r for r in named if ">=" not in r or ",<" not in r] == []


def test_everything_that_an_installation_brings_is_imported_by_what_is_shipped() -> None:
    shipped = "\n".join(path.read_text() for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    imported = set(re.findall(r"^ *(?:from|import) (\w+)", shipped, re.MULTILINE))
    installed = packages_distributions()
    used = {name.lower() for module in imported for name in installed.get(module, ())}

    extras = PROJECT["project"]["optional-dependencies"].values()
    requirements = [r for group in (PROJECT["project"]["dependencies"], *extras) for r in group]
    needed = {re.split(r"[>\[]", requirement)[0] for requirement in requirements}
    assert needed - used - {"show-goal"} == set()


def test_no_pin_carries_an_address() -> None:
    pins = [*(ROOT / "requirements").glob("*.txt"), ROOT / "tests/servers/pusher_stand_in/package-lock.json"]
    lines = [(path.name, line) for path in pins for line in path.read_text().splitlines()]

    addresses = [line for line in lines if "://" in line[1] and '"url"' not in line[1]]
    assert [line for line in addresses if "sponsors" not in line[1]] == []
