"""At most 30 lines embed the flow in the monolith, and nothing else in it knows the library."""

from __future__ import annotations

import difflib
import os
import subprocess
import sys
from pathlib import Path

from examples.monolith.running import environment

from ..servers import Servers

ROOT = Path(__file__).parents[2]
MONOLITH = Path("examples/monolith")
MARK = "  # + show_goal"
EMBEDDING = MONOLITH / "embedding.py"
ADAPTER = MONOLITH / "wallet_adapter.py"
STAGE = ("__init__.py", "__main__.py", "play.py", "running.py", "browser.py")
"""These run and show the monolith; they are not part of it."""


def product() -> list[Path]:
    """The modules of the monolith itself, without the wallet service, which is a separate program."""
    return sorted(path.relative_to(ROOT) for path in (ROOT / MONOLITH).glob("*.py") if path.name not in STAGE)


def before(path: Path) -> list[str]:
    """The module's lines before the embedding."""
    if path in (EMBEDDING, ADAPTER):
        return []
    return [line for line in (ROOT / path).read_text().splitlines() if not line.endswith(MARK)]


def after(path: Path) -> list[str]:
    return [line.removesuffix(MARK) for line in (ROOT / path).read_text().splitlines()]


def embedding_diff() -> str:
    """The diff that embeds the flow, without the wallet adapter. docs/how-to/embed.md shows it."""
    parts: list[str] = []
    for path in product():
        old = "/dev/null" if path == EMBEDDING else f"a/{path}"
        if path != ADAPTER:
            parts += difflib.unified_diff(before(path), after(path), old, f"b/{path}", n=1, lineterm="")
    return "\n".join(parts) + "\n"


def test_the_embedding_adds_at_most_thirty_lines_and_removes_none() -> None:
    lines = embedding_diff().splitlines()
    added = [line for line in lines if line.startswith("+") and not line.startswith("+++")]
    removed = [line for line in lines if line.startswith("-") and not line.startswith("---")]
    assert removed == []
    assert len(added) <= 30, f"{len(added)} lines"


def test_nothing_else_in_the_monolith_knows_the_library() -> None:
    knowing = [path.name for path in product() if any("show_goal" in line for line in before(path))]
    assert knowing == []
    wallet_service = (ROOT / MONOLITH / "wallet_service").glob("*.py")
    assert [path.name for path in wallet_service if "show_goal" in path.read_text()] == []


def test_the_monolith_runs_without_the_added_lines(servers: Servers, tmp_path: Path) -> None:
    """Its Flask app and its Celery app load without the added lines and without the library."""
    (tmp_path / MONOLITH).mkdir(parents=True)
    for path in product():
        if lines := before(path):
            (tmp_path / path).write_text("\n".join(lines) + "\n")
    code = """
import sys
sys.modules["show_goal"] = None
from examples.monolith.app import create_app
from examples.monolith.celery_app import app
app.loader.import_default_modules()
print(*sorted(rule.rule for rule in create_app().url_map.iter_rules()))
print(*sorted(name for name in app.tasks if not name.startswith("celery.")))
"""
    printed = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment(servers, "before", "http://127.0.0.1:1/book"), "PYTHONPATH": str(tmp_path)},
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout.splitlines()
    routes = "/livestreams /livestreams/<objectid:session_id> /livestreams/<objectid:session_id>"
    assert printed == [f"{routes} /login /logout /members /ranking", "monolith.ranking.keep_score"]


def test_the_documentation_shows_these_lines() -> None:
    page = (ROOT / "docs" / "how-to" / "embed.md").read_text()
    assert page.endswith(f"<!-- embedding -->\n```diff\n{embedding_diff()}```\n"), (
        f"docs/how-to/embed.md should end with this diff:\n{embedding_diff()}"
    )
