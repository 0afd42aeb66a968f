"""The steps of the tutorial and the how-to pages work in an empty folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database

from ..black_box import platform
from ..servers import Servers
from ..servers.ports import free_port
from .blocks import PAGES, ROOT
from .steps import BIN, follow, has_steps, shows

STEPPED = [page for page in PAGES if has_steps(page)]


@pytest.mark.parametrize("page", STEPPED, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_steps_of_the_page_work(
    page: Path, servers: Servers, mongo_database: Database[dict[str, Any]], tmp_path: Path
) -> None:
    variables = platform.environment(servers, servers.rabbitmq_url, mongo_database)
    port = str(free_port())
    environment = {
        **variables,
        **platform.PATIENT,
        "PATH": f"{BIN}:{variables['PATH']}",
        "PYTHONPATH": "",
        "FLASK_RUN_PORT": port,
    }
    assert list(follow(page, tmp_path, environment, replaced={"127.0.0.1:5000": f"127.0.0.1:{port}"}))


def test_the_pages_for_newcomers_have_steps() -> None:
    names = {page.relative_to(ROOT / "docs").as_posix() for page in STEPPED}
    assert names >= {"tutorial.md", "how-to/swap-in-tests.md"}


@pytest.mark.parametrize("printed", ["one\ntwo\nthree", "zero\none\n\nthree  \n"])
def test_an_excerpt_may_leave_out_but_not_reorder(printed: str) -> None:
    assert shows(printed, "one\n...\nthree")
    assert not shows(printed, "three\n...\none")
    assert not shows(printed, "one\n...\nfour")
