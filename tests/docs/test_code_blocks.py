"""The code in the documents runs as shown."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from .blocks import PAGES, ROOT, Block, python_blocks

BLOCKS = [block for document in PAGES for block in python_blocks(document)]

_TESTS = re.compile(r"def test_|class Test")

ENVIRONMENT = {
    "SHOW_GOAL_MONGODB_URI": "mongodb://127.0.0.1:27017/?replicaSet=rs0",
    "SHOW_GOAL_BROKER_URL": "amqp://guest:guest@127.0.0.1:5672//",
    "SHOW_GOAL_PUSHER_APP_ID": "1001",
    "SHOW_GOAL_PUSHER_KEY": "key",
    "SHOW_GOAL_PUSHER_SECRET": "secret",
}
"""``Container.from_env()`` connects to nothing, so no server is needed."""


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_block_runs(block: Block, tmp_path: Path) -> None:
    """It runs in a separate process, outside this tree, as a reader would paste it. Its tests run under pytest.

    What it imports from examples/ is beside it, as a reader would copy it.
    """
    file = tmp_path / "test_block.py"
    file.write_text(block.code)
    runner = ["-m", "pytest", "-q", "-p", "no:cacheprovider"] if _TESTS.search(block.code) else ["-W", "error"]
    result = subprocess.run(
        [sys.executable, *runner, str(file)],
        env={**ENVIRONMENT, "PYTHONPATH": str(ROOT / "examples")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=110,  # a wallet waits for its disk
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_readme_shows_how_to_embed_and_how_to_swap() -> None:
    code = "".join(block.code for block in python_blocks(ROOT / "README.md"))
    assert "create_blueprint(" in code
    assert "register_tasks(" in code
    assert "Container.in_memory(notifier=" in code
