"""`python -m tests.servers install` and `python -m tests.servers run -- COMMAND...`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress

import click

from .cluster import OTHER_BROKERS, SERVERS, started_servers
from .install import install_missing
from .process import ServerError, die_with
from .server import Server
from .signals import Terminated, interrupted_by_sigterm, undisturbed


@click.group()
def main() -> None:
    """Real servers for tests and demos."""


@main.command()
def install() -> None:
    """Install what this machine lacks; status 1 if something could not be installed."""
    problems = install_missing(_say)
    for problem in problems:
        _say(problem)
    sys.exit(1 if problems else 0)


@main.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def run(command: tuple[str, ...]) -> None:
    """Run COMMAND with MONGODB_URI, RABBITMQ_URL, REDIS_URL and PUSHER_URL; start the servers that these do not name.

    OTHER_RABBITMQ_URL and OTHER_REDIS_URL are the brokers of the other Debian. A server that is not installed is left
    out, unless CI is set. If a server ends while COMMAND runs, COMMAND is ended as well, and the status is 1.
    """
    if shutil.which(command[0]) is None:
        _say(f"{command[0]}: no such command")
        sys.exit(127)
    try:
        kinds = [*SERVERS, *OTHER_BROKERS.values()]
        with interrupted_by_sigterm(), started_servers(kinds, _say, partly=not os.environ.get("CI")) as started:
            urls = {server.variable: server.url for server in started}
            status = _run(command, os.environ | urls, started)
    except ServerError as error:
        _say(str(error))
        status = 1
    except Terminated as signal:
        status = signal.status
    except KeyboardInterrupt:
        status = 130
    sys.exit(status)


def _run(command: Sequence[str], environment: Mapping[str, str], servers: Sequence[Server]) -> int:
    parent = os.getpid()
    # In the group of this process, as it may want the terminal.
    process = subprocess.Popen(command, env=environment, preexec_fn=lambda: die_with(parent))
    try:
        status = _wait(process, servers)
    except BaseException as interruption:
        # A Ctrl-C has reached the command as well; a signal to this process alone has not.
        if not isinstance(interruption, Terminated | ServerError):
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=5)
        with undisturbed():
            _end(process)
        raise
    return status if status >= 0 else 128 - status


def _wait(process: subprocess.Popen[bytes], servers: Sequence[Server]) -> int:
    """The command's status. Raises ServerError once a server is lost, as every test would run into timeouts."""
    while True:
        with suppress(subprocess.TimeoutExpired):
            return process.wait(timeout=1)
        for server in servers:
            if obituary := server.obituary:
                raise ServerError(obituary)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _say(line: str) -> None:
    # Not on stdout: that is the command's.
    click.echo(line, err=True)


if __name__ == "__main__":
    main()
