"""The house rules that a tool can hold: what core may import, who asks the machine for time, what an import costs."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import show_goal

PACKAGE = Path(show_goal.__file__).parent
CORE = sorted((PACKAGE / "core").rglob("*.py"))
PORTS = sorted((PACKAGE / "ports").rglob("*.py"))
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
    "click",
    "rich",
    "opentelemetry",
}


def imported(path: Path) -> Iterator[str]:
    """The top-level name of every absolute import."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]


def names(path: Path) -> set[str]:
    return {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}


@pytest.mark.parametrize("path", CORE, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_core_imports_the_standard_library_attrs_and_blinker_alone(path: Path) -> None:
    assert set(imported(path)) - sys.stdlib_module_names - ALLOWED == set()


@pytest.mark.parametrize("path", PORTS, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_ports_import_the_standard_library_and_attrs_alone(path: Path) -> None:
    assert set(imported(path)) - sys.stdlib_module_names - {"attrs", "show_goal"} == set()


@pytest.mark.parametrize("path", [*CORE, *PORTS], ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_below_an_adapter_asks_the_machine_for_time_or_ids(path: Path) -> None:
    assert names(path) & {"utcnow", "today", "monotonic", "perf_counter", "uuid4", "ObjectId"} == set()
    assert "datetime.now(" not in path.read_text()


def test_the_tests_run_against_one_package_and_not_a_second_copy_of_it() -> None:
    assert not {"core", "ports", "adapters", "cli", "testing"} & sys.modules.keys()


def test_import_of_show_goal_imports_no_adapter_library() -> None:
    code = "import sys, show_goal, show_goal.adapters.container; print(*{m.partition('.')[0] for m in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()

    assert ADAPTER_LIBRARIES & set(loaded) == set()


def test_every_public_module_says_what_it_is() -> None:
    silent = [p for p in PACKAGE.rglob("*.py") if not _is_test(p) and not ast.get_docstring(ast.parse(p.read_text()))]

    assert silent == []


def _is_test(path: Path) -> bool:
    return path.relative_to(PACKAGE).parts[0] not in {"core", "ports", "adapters", "cli", "testing", "__init__.py"}
