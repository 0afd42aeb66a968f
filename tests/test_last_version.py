from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .last_version import ROOT, of_the_last_version

WHERE = [sys.executable, "-c", "import show_goal; print(show_goal.__file__)"]


def test_its_code_is_imported_and_not_todays(tmp_path: Path) -> None:
    old = subprocess.run(of_the_last_version(WHERE, cache=tmp_path), capture_output=True, text=True, check=True)
    today = subprocess.run(WHERE, cwd=ROOT, capture_output=True, text=True, check=True)

    assert Path(old.stdout).is_relative_to(tmp_path)
    assert not Path(today.stdout).is_relative_to(tmp_path)


def test_clone_without_the_history_is_told_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="git fetch --unshallow"):
        of_the_last_version(WHERE, commit="0" * 40, cache=tmp_path)
