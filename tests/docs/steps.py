"""A page whose steps can be followed: a block with a title is a file, ``sh`` and ``console`` are typed line by line.

In ``console``, a line ``$ command`` is followed by its output; ``...`` means any other output. A command that ends in
``&`` runs until the end of the page, and has started when it has printed what the page shows. What a command exports,
the next ones have.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

from ..servers.process import Process, wait_until

_BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.DOTALL | re.MULTILINE)
_TYPED = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
BIN = Path(sys.executable).parent


def has_steps(page: Path) -> bool:
    return any(title or language == "console" for language, title, _ in _BLOCK.findall(page.read_text()))


def follow(text: str, folder: Path, environment: Mapping[str, str], replaced: Mapping[str, str]) -> Iterator[str]:
    """Do what the text of a page says, in ``folder``. Yields each command whose output is as shown.

    ``replaced`` maps texts of the page to those of this machine, for instance a free port.
    """
    with ExitStack() as background:
        for language, title, body in _BLOCK.findall(text):
            for theirs, ours in replaced.items():
                body = body.replace(theirs, ours)
            if title:
                (folder / title).write_text(body)
            elif language in ("sh", "console"):
                lines = "".join(f"$ {line}" for line in body.splitlines(True)) if language == "sh" else body
                for command, expected in _TYPED.findall(lines):
                    _type(command, expected.rstrip("\n"), folder, environment, background)
                    yield command


def _type(command: str, expected: str, folder: Path, environment: Mapping[str, str], background: ExitStack) -> None:
    if command.endswith(" &"):
        _keep_running(command.removesuffix(" &"), expected, folder, environment, background)
        return
    result = subprocess.run(
        _bash(command), cwd=folder, env=environment, capture_output=True, text=True, timeout=180, check=False
    )
    printed = result.stdout + result.stderr
    assert result.returncode == 0, f"$ {command}\n{printed}"
    assert shows(printed, expected), f"$ {command}\n{printed}\nis not what the page shows:\n{expected}"


def _keep_running(
    command: str, expected: str, folder: Path, environment: Mapping[str, str], background: ExitStack
) -> None:
    log = folder / f"{command.split()[0]}.log"
    process = Process(_bash(f"exec {command}"), log, env=environment, cwd=folder)
    background.callback(process.stop)
    wait_until(lambda: shows(log.read_text(), expected) or not process.alive, 60, f"what the page shows of {command}")
    assert process.alive, log.read_text()


def _bash(command: str) -> list[str]:
    """It has what the commands before it exported."""
    return ["bash", "-c", f"[ ! -e .exports ] || . ./.exports; trap 'export -p > .exports' EXIT; {command}"]


def shows(printed: str, expected: str) -> bool:
    """Whether every line of ``expected`` is printed, in its order."""
    rest = "\n".join(line.rstrip() for line in printed.splitlines())
    for excerpt in filter(None, (excerpt.strip("\n") for excerpt in expected.split("..."))):
        if excerpt not in rest:
            return False
        rest = rest.partition(excerpt)[2]
    return True
