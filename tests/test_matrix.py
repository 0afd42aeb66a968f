"""``make matrix``: a red row is shown, holds up no other, and keeps the page as it was."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from . import matrix
from .fresh import Failed

OLDEST, NEWEST = matrix.Row("3.11", "oldest"), matrix.Row("3.14", "dev")
INSTALLED = json.dumps([{"name": name, "version": "1.0"} for name in matrix.NAMED])
Broken = Callable[[matrix.Row, str], bool]


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    copy = Path(shutil.copy(matrix.PAGE, tmp_path))
    monkeypatch.setattr(matrix, "PAGE", copy)
    monkeypatch.setattr(matrix, "ROWS", (OLDEST, NEWEST))
    monkeypatch.setattr(matrix, "versions_of", lambda _: {"Redis": ["7.0.15", "8.0.2"]})
    return copy


def machines(monkeypatch: pytest.MonkeyPatch, broken: Broken = lambda row, command: False) -> None:
    """Every command succeeds, except the broken ones."""

    @contextmanager
    def machine(row: matrix.Row) -> Iterator[tuple[str, matrix.Run]]:
        def run(command: str) -> str:
            if broken(row, command):
                raise Failed(f"{command}: 1 failed, 6 passed in 2 s")
            return INSTALLED if "list" in command else "7 passed, 2 deselected in 9 s"

        yield "python3", run

    monkeypatch.setattr(matrix, "_machine", machine)


def test_green_rows_are_written_into_the_page(
    page: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    machines(monkeypatch)
    assert matrix.main() == 0
    table = matrix.TABLE.search(page.read_text())
    assert table
    cells = f"{'1.0 | ' * len(matrix.NAMED)}7 passed, 2 deselected |"
    rows = [f"| 3.11 | oldest | {cells}", f"| 3.14 | dev | {cells}"]
    assert table[0].splitlines()[2:] == [*rows, "", "The servers: Redis 7.0.15 and 8.0.2."]
    assert "2 of 2 rows are green" in capsys.readouterr().out


@pytest.mark.parametrize("step", ["pip install", "-m pytest"])
def test_a_red_row_is_shown_and_the_others_go_on(
    page: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], step: str
) -> None:
    machines(monkeypatch, lambda row, command: row is NEWEST and step in command)
    before = page.read_text()
    assert matrix.main() == 1
    said = capsys.readouterr().out
    assert "| 3.11 | oldest | 1.0 |" in said
    assert "Python 3.14, dev is red:\nFailed: venv/bin/" in said
    assert "1 of 2 rows are green" in said
    assert page.read_text() == before


def test_a_python_that_is_nowhere_is_a_red_row(
    page: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(matrix, "ROWS", (matrix.Row("3.99", "dev"),))
    assert matrix.main() == 1
    assert "neither this machine nor a Debian has Python 3.99" in capsys.readouterr().out
