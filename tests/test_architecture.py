"""The house rules that a tool can check: which folder may import what, who asks the machine for time, import cost."""

from __future__ import annotations

import ast
import graphlib
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grimp
import pytest

import show_goal

ROOT = Path(__file__).parents[1]
PACKAGE = Path(show_goal.__file__).parent
ROOMS = ("core", "ports", "adapters", "cli", "testing")
CORE = sorted((PACKAGE / "core").rglob("*.py"))
PORTS = sorted((PACKAGE / "ports").rglob("*.py"))
FOLDERS = sorted(path.parent.relative_to(ROOT) for room in ROOMS for path in (ROOT / room).rglob("__init__.py"))
ALLOWED = {"attrs", "blinker", "show_goal"}
ADAPTER_LIBRARIES = {
    "pymongo",
    "bson",
    "celery",
    "kombu",
    "pusher",
    "requests",
    "flask",
    "flask_swagger_ui",
    "django",
    "fastapi",
    "click",
    "rich",
    "opentelemetry",
}
TOOLS: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]


def in_contracts() -> Iterator[str]:
    """Every module that an import contract names. A contract about circles draws no arrow."""
    for contract in TOOLS["importlinter"]["contracts"]:
        for container in contract.get("containers", [""]):
            names = [name.strip() for layer in contract.get("layers", []) for name in layer.split("|")]
            yield from (f"{container}.{name}".removeprefix(".") for name in names)
        yield from contract.get("source_modules", [])
        yield from contract.get("modules", [])


def imported(path: Path) -> Iterator[str]:
    """The top-level name of every absolute import."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]


def names(path: Path) -> set[str]:
    return {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}


def dotted(folder: Path) -> str:
    return ".".join(["show_goal", *folder.parts])


def test_every_folder_is_named_in_an_import_contract() -> None:
    assert {dotted(folder) for folder in FOLDERS} - {"show_goal.core"} <= set(in_contracts())


def test_every_folder_is_packaged() -> None:
    assert set(TOOLS["setuptools"]["packages"]) == {"show_goal", *map(dotted, FOLDERS)}


@pytest.mark.parametrize("folder", FOLDERS, ids=str)
def test_every_folder_says_what_is_in_it_and_what_it_may_import(folder: Path) -> None:
    docstring = ast.get_docstring(ast.parse((ROOT / folder / "__init__.py").read_text())) or ""

    assert "May import " in docstring


def test_every_folder_with_code_is_a_package() -> None:
    assert {path.parent.relative_to(ROOT) for room in ROOMS for path in (ROOT / room).rglob("*.py")} == set(FOLDERS)


def test_nothing_but_the_package_itself_is_at_the_root() -> None:
    assert [path.name for path in ROOT.glob("*.py")] == ["__init__.py"]


def test_no_modules_import_each_other() -> None:
    graph = grimp.build_graph("show_goal", exclude_type_checking_imports=True, cache_dir=None)

    graphlib.TopologicalSorter({m: graph.find_modules_directly_imported_by(m) for m in graph.modules}).prepare()


@pytest.mark.parametrize("path", CORE, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_core_imports_the_standard_library_attrs_and_blinker_only(path: Path) -> None:
    assert set(imported(path)) - sys.stdlib_module_names - ALLOWED == set()


@pytest.mark.parametrize("path", PORTS, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_ports_import_the_standard_library_and_attrs_only(path: Path) -> None:
    assert set(imported(path)) - sys.stdlib_module_names - {"attrs", "show_goal"} == set()


@pytest.mark.parametrize("path", [*CORE, *PORTS], ids=lambda path: str(path.relative_to(PACKAGE)))
def test_core_and_ports_never_ask_the_machine_for_time_or_ids(path: Path) -> None:
    assert names(path) & {"utcnow", "today", "monotonic", "perf_counter", "uuid4", "ObjectId"} == set()
    assert "datetime.now(" not in path.read_text()


def test_there_is_one_copy_of_the_package() -> None:
    loaded = [sys.modules[room] for room in ROOMS if room in sys.modules]
    # pytest names the package at the root after the clone's folder, which may have the name of a room.
    assert [module for module in loaded if Path(module.__file__ or "").parent != ROOT] == []


def test_import_of_show_goal_imports_no_adapter_library() -> None:
    code = "import sys, show_goal, show_goal.adapters.container; print(*{m.partition('.')[0] for m in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()

    assert ADAPTER_LIBRARIES & set(loaded) == set()


def test_every_module_says_what_it_is() -> None:
    paths = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]

    assert [path for path in paths if not ast.get_docstring(ast.parse(path.read_text()))] == []


@pytest.mark.parametrize("name", ["show-goal", "show goal", "flask"])
def test_lint_passes_in_a_clone_of_any_name(name: str, tmp_path: Path) -> None:
    """The clone is the root package: ruff reads its name as that of a module (N1)."""
    clone = tmp_path / name
    for folder in (*ROOMS, "tests", "examples", "benchmarks"):
        shutil.copytree(ROOT / folder, clone / folder, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
    for file in ("__init__.py", "pyproject.toml"):
        shutil.copy(ROOT / file, clone)
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format=concise", "."]
    result = subprocess.run(command, cwd=clone, capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stdout
