"""A copy of this tree as a clone has it: without what is made here, some of it by tests that run meanwhile."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[1]


def clone(folder: Path) -> Path:
    ignored = [pattern.strip("/") for pattern in (ROOT / ".gitignore").read_text().splitlines()]
    return shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".git", *ignored))
