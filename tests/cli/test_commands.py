"""``show-goal`` as a command: help, versions, wrong usage, and what it says when it cannot run."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click import Option
from click.testing import CliRunner

from show_goal import __version__
from show_goal.cli.commands import show_goal
from show_goal.cli.terminal import counted
from tests.adapters.environ import ENVIRON
from tests.docs.test_code_blocks import ENVIRONMENT

MODULE = [sys.executable, "-m", "show_goal.cli"]
COMMANDS = [
    "demo",
    "serve",
    "worker",
    "sweep",
    "why",
    "end",
    "refund",
    "forget",
    "indexes",
    "migrate",
    "check",
    "flow",
    "simulate",
]

WITHOUT = """
import sys

class NotInstalled:
    def find_spec(self, name, path=None, target=None):
        if name in {missing!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, NotInstalled())
from show_goal.cli import main
main()
"""


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = environment or None
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=env)


NO_CLI = "The show-goal command needs click and rich: pip install 'show-goal[cli]'\n"
NO_FLASK = "flask is not installed: pip install 'show-goal[flask]'\n"


@pytest.mark.parametrize(
    ("missing", "arguments", "status", "says"),
    [
        (("click",), [], 1, NO_CLI),
        (("rich",), [], 1, NO_CLI),
        (("flask",), ["serve", "--in-memory"], 2, NO_FLASK),
        (("flask", "pymongo", "celery", "pusher"), ["demo"], 0, ""),
    ],
    ids=["click", "rich", "flask for serve", "nothing for the demo"],
)
def test_without_an_extra_that_it_needs_a_command_says_what_to_install(
    missing: tuple[str, ...], arguments: list[str], status: int, says: str
) -> None:
    result = run(sys.executable, "-c", WITHOUT.format(missing=missing), *arguments)
    assert (result.returncode, result.stderr) == (status, says)


def test_it_runs_as_a_module_with_ascii_output() -> None:
    result = run(*MODULE, "demo", PYTHONIOENCODING="ascii")
    assert result.returncode == 0, result.stderr
    assert "1. Alice invites Sid" in result.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_short_help_option_and_describes_every_option(command: str) -> None:
    short, long = (CliRunner().invoke(show_goal, [command, option]) for option in ("-h", "--help"))
    assert (short.exit_code, short.stdout) == (0, long.stdout)
    assert short.stdout.startswith(f"Usage: show-goal {command}")
    options = [option for option in show_goal.commands[command].params if isinstance(option, Option)]
    assert [option.name for option in options if not option.help] == []


def test_help_lists_the_commands_and_the_exit_statuses() -> None:
    printed = CliRunner().invoke(show_goal, ["-h"]).stdout
    assert list(show_goal.commands) == COMMANDS
    assert [command for command in COMMANDS if f"\n  {command} " not in printed] == []
    assert "Exit status:\n" in printed
    assert "..." not in printed.partition("Commands:")[2], "a summary is cut off"


def test_version() -> None:
    result = CliRunner().invoke(show_goal, ["--version"])
    assert (result.exit_code, result.stdout) == (0, f"show-goal, version {__version__}\n")


@pytest.mark.parametrize("command", ["serve", "worker", "sweep", "indexes", "migrate", "check"])
def test_every_wrong_variable_is_named_on_its_own_line(command: str) -> None:
    environment = {"SHOW_GOAL_MONGODB_URI": "", "SHOW_GOAL_BROKER_URL": "", "SHOW_GOAL_COOLDOWN": "soon"}
    result = CliRunner().invoke(show_goal, [command], env=environment)
    assert result.exit_code == 2
    named = [line.split()[0] for line in result.stderr.splitlines()]
    assert {"SHOW_GOAL_MONGODB_URI", "SHOW_GOAL_BROKER_URL", "SHOW_GOAL_COOLDOWN"} <= set(named)
    assert "Traceback" not in result.output


@pytest.mark.parametrize("command", ["sweep", "migrate", "check", "why x", "forget x --yes"])
def test_json_has_each_problem_of_the_variables(command: str) -> None:
    result = CliRunner().invoke(show_goal, [*command.split(), "--json"], env={"SHOW_GOAL_COOLDOWN": "soon"})
    assert result.exit_code == 2
    assert json.loads(result.stdout)["failures"] == result.stderr.splitlines()


@pytest.mark.parametrize("command", ["migrate", "why x"])
def test_json_says_which_server_does_not_answer(command: str) -> None:
    away = {**ENVIRON, "SHOW_GOAL_MONGODB_TIMEOUT_MS": "100"}
    result = CliRunner().invoke(show_goal, [*command.split(), "--json"], env=away)
    assert result.exit_code == 1
    (failure,) = json.loads(result.stdout)["failures"]
    assert failure.startswith("MongoDB did not answer")
    assert "Topology" not in result.output
    assert f"Error: {failure}" in result.stderr


def test_every_command_takes_a_hosts_container_but_those_that_need_no_platform() -> None:
    without = {
        name
        for name, command in show_goal.commands.items()
        if "container" not in [parameter.name for parameter in command.params]
    }
    assert without == {"demo", "simulate"}


TAKE_AN_OBJECT = [
    ("check", "--app"),
    ("check", "--container"),
    ("migrate", "--container"),
    ("flow", "--container"),
    ("simulate", "--host"),
]


@pytest.mark.parametrize(("command", "option"), TAKE_AN_OBJECT)
@pytest.mark.parametrize(
    "value", ["nowhere.to.be:found", "tests.builders:no_such_name", "tests.builders:NOW", "tests", ""]
)
def test_an_object_of_the_host_that_is_not_right_is_wrong_usage(command: str, option: str, value: str) -> None:
    result = CliRunner().invoke(show_goal, [command, option, value], env=ENVIRONMENT)
    assert result.exit_code == 2
    assert option in result.stderr
    assert "Usage: " in result.stderr


def test_one_is_singular() -> None:
    assert [counted(count, "goal") for count in (0, 1, 2, 1234)] == ["0 goals", "1 goal", "2 goals", "1,234 goals"]
    assert [counted(count, "hold left", "holds left") for count in (1, 2)] == ["1 hold left", "2 holds left"]
