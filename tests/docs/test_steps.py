"""The steps of the tutorial and the how-to pages work in an empty folder."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database

import show_goal

from ..black_box import platform
from ..clone import clone
from ..servers import Servers
from ..servers.ports import free_port
from .blocks import PAGES, ROOT
from .steps import BIN, follow, has_steps, shows

README = ROOT / "README.md"
FIRST_HOUR = ROOT / "docs" / "first-hour.md"
TUTORIAL = ROOT / "docs" / "tutorial.md"
STEPPED = [page for page in PAGES if has_steps(page)]
FOLLOWED = [page for page in STEPPED if page != TUTORIAL]
EXPORTS = dict(re.findall(r"(SHOW_GOAL_\w+)=(\S+)", TUTORIAL.read_text()))
"""The variables that the tutorial exports, each as it is written there."""
INSTALLING = {"PYTHONPATH": "", "PIP_NO_COMPILE": "1"}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clone(tmp_path_factory.mktemp("clone") / "show-goal")


def steps(page: Path) -> str:
    """The tutorial goes on in the folder of the first hour."""
    return page.read_text() + (TUTORIAL.read_text() if page == FIRST_HOUR else "")


@pytest.mark.timeout(400)  # The first hour installs the library.
@pytest.mark.parametrize("page", FOLLOWED, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_steps_of_the_page_work_in_an_empty_folder(
    page: Path, servers: Servers, mongo_database: Database[dict[str, Any]], copy: Path, tmp_path: Path
) -> None:
    port = str(free_port())
    environment = {
        **platform.environment(servers, servers.rabbitmq_url, mongo_database),
        **platform.PATIENT,
        **INSTALLING,
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "FLASK_RUN_PORT": port,
    }
    ours = servers.as_settings()
    addresses = {f"{name}={shown}": f"{name}={shlex.quote(ours[name])}" for name, shown in EXPORTS.items()}
    others = {"127.0.0.1:5000": f"127.0.0.1:{port}", "~/show-goal": str(copy)}
    assert list(follow(steps(page), tmp_path, environment, replaced=addresses | others))


@pytest.mark.timeout(400)
def test_the_commands_of_the_readme_install_it_in_a_clone(copy: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "uv", "venv", "--quiet", "--seed", str(tmp_path)], check=True)
    path = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}

    assert list(follow(README.read_text(), copy, {**os.environ, **INSTALLING, **path}, replaced={}))

    command = ["show-goal", "--version"]
    told = subprocess.run(command, env=path, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert told.stdout == f"show-goal, version {show_goal.__version__}\n"


def test_the_tutorial_says_that_it_goes_on_where_the_first_hour_has_installed_the_library() -> None:
    assert "(first-hour.md#install)" in TUTORIAL.read_text().partition("```")[0]


def test_the_tutorial_shows_the_addresses_of_the_servers_that_docker_starts() -> None:
    started = dict(re.findall(r"^#   export (\w+)='(.+)'$", (ROOT / "compose.yaml").read_text(), re.MULTILINE))

    shown = {name: value.strip("'") for name, value in EXPORTS.items()}
    assert shown == Servers.from_environment(started).as_settings()


def test_the_pages_for_newcomers_have_steps() -> None:
    names = {page.relative_to(ROOT / "docs").as_posix() for page in STEPPED}
    assert names >= {"first-hour.md", "tutorial.md", "how-to/swap-in-tests.md"}


@pytest.mark.parametrize("printed", ["one\ntwo\nthree", "zero\none\n\nthree  \n"])
def test_an_excerpt_may_leave_out_but_not_reorder(printed: str) -> None:
    assert shows(printed, "one\n...\nthree")
    assert not shows(printed, "three\n...\none")
    assert not shows(printed, "one\n...\nfour")
