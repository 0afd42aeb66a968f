"""The code of the last version, to run beside today's: an upgrade replaces one process after the other."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import mkdtemp

ROOT = Path(__file__).parents[1]
COMMIT = "3bf340fa85204eb253175222135e6805997589e5"
"""Version 0.1, as it is deployed."""
_CACHE = ROOT / ".cache" / "last-version"


def of_the_last_version(command: Sequence[str], commit: str = COMMIT, cache: Path = _CACHE) -> tuple[str, ...]:
    """The command, run in the tree of that version, whose ``show_goal`` it imports with today's other packages."""
    tree = tree_of(commit, cache)
    return ("env", "--chdir", str(tree), f"PYTHONPATH={tree.parent}", *command)


def tree_of(commit: str = COMMIT, cache: Path = _CACHE) -> Path:
    """The folder with the package of that version."""
    tree = cache / commit / "show_goal"  # The root of the repository is the package.
    if not tree.exists():
        _unpack(commit, tree)
    return tree


def _unpack(commit: str, tree: Path) -> None:
    result = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=False)
    if result.returncode:
        raise RuntimeError(
            f"The code of the last version, commit {commit}, is not in this clone: {result.stderr.decode().strip()}. "
            "Get the whole history with `git fetch --unshallow`, or clone without --depth."
        )
    tree.parent.mkdir(parents=True, exist_ok=True)
    unpacked = mkdtemp(dir=tree.parent)
    subprocess.run(["tar", "--extract", "--directory", unpacked], input=result.stdout, check=True)
    try:
        Path(unpacked).rename(tree)
    except OSError:  # Another test process was quicker.
        shutil.rmtree(unpacked)
