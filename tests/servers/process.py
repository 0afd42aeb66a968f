"""Child processes that cannot outlive the test run."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

_PR_SET_PDEATHSIG = 1
# Loaded here, because a child must do as little as possible between fork and exec.
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None

# The kernel sends the parent-death signal when the *thread* that forked ends, so every child is forked by
# one thread that lives as long as the interpreter.
_launcher = ThreadPoolExecutor(max_workers=1, thread_name_prefix="server-launcher")


class ServerError(RuntimeError):
    """A server is missing, did not come up, or died while starting."""


def wait_until(condition: Callable[[], T | None], deadline: float, what: str = "the condition") -> T:
    """Poll until the condition is true and return its value; TimeoutError after `deadline` seconds."""
    end = time.monotonic() + deadline
    while not (value := condition()):
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not come true within {deadline:g} s")
        time.sleep(0.02)
    return value


def die_with(parent: int) -> None:
    """For ``preexec_fn``: kill the new child when its parent ends, even by kill -9."""
    if _prctl is None:
        return
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # It ended before the call above.
        os._exit(1)


class Process:
    """A child in its own process group, logging to a file."""

    def __init__(
        self, command: Sequence[str], log: Path, env: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> None:
        self.command = list(command)
        self.log = log
        self._popen = _launcher.submit(self._spawn, env, cwd).result()

    def _spawn(self, env: Mapping[str, str] | None, cwd: Path | None) -> subprocess.Popen[bytes]:
        parent = os.getpid()
        with self.log.open("ab") as log:
            return subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=env,
                cwd=cwd,
                start_new_session=True,
                preexec_fn=lambda: die_with(parent),
            )

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def alive(self) -> bool:
        # WNOWAIT leaves a zombie behind: as long as it is there, no other process can get its id, and
        # signalling the group stays safe. Only `kill` reaps.
        try:
            return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
        except ChildProcessError:
            return False

    def wait_ready(self, ready: Callable[[], object], deadline: float) -> None:
        """Wait until `ready` is true (OSError counts as not yet); ServerError with the log's tail if not."""

        def ready_or_dead() -> bool:
            if not self.alive:
                raise ServerError(self.report("ended while starting"))
            with suppress(OSError):
                return bool(ready())
            return False

        try:
            wait_until(ready_or_dead, deadline)
        except TimeoutError:
            raise ServerError(self.report(f"was not ready after {deadline:g} s")) from None

    def stop(self, deadline: float = 10) -> None:
        """SIGTERM, then SIGKILL for what is left of the group."""
        if self._popen.returncode is not None:
            return
        self.resume()
        with suppress(ProcessLookupError, TimeoutError):
            os.kill(self.pid, signal.SIGTERM)
            wait_until(lambda: not self.alive, deadline)
        self.kill()

    def kill(self) -> None:
        if self._popen.returncode is not None:
            return
        self._signal(signal.SIGKILL)
        self._popen.wait()

    def pause(self) -> None:
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def report(self, what: str) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-20:]
        return "\n".join([f"{Path(self.command[0]).name} {what}. The end of its log:", *lines])

    def _signal(self, number: signal.Signals) -> None:
        if self._popen.returncode is not None:
            return
        with suppress(ProcessLookupError):  # Another thread has just reaped it.
            os.killpg(self.pid, number)
