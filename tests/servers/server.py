"""The base of all servers of the tests."""

from __future__ import annotations

import os
import shutil
import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Self

from .folder import TemporaryFolder
from .process import Process, ServerError

# Debian keeps servers where a plain user's PATH does not look.
_SYSTEM_PATH = os.pathsep.join(["/usr/local/sbin", "/usr/sbin", "/sbin"])


def find_program(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path=_SYSTEM_PATH)


class Program(ABC):
    """Something that the tests need and that cannot come with the Python packages."""

    title: ClassVar[str]
    variable: ClassVar[str]
    """The environment variable that names the user's own."""

    @classmethod
    @abstractmethod
    def missing(cls) -> str | None:
        """What is wrong with the installed program, or None if it can run."""

    @classmethod
    def is_yours(cls) -> bool:
        return bool(os.environ.get(cls.variable))


class ProgramMissing(ServerError):
    """A program is not installed. Tests that need it are left out, unless CI is set."""

    def __init__(self, program: type[Program]) -> None:
        self.program = program
        why = program.missing() or "no address is set"
        super().__init__(f"{program.title}: {why}. Run `make servers` as root, or set {program.variable}.")


class Server(Program):
    """Starts, stops, is killed, and starts again with the same address and data."""

    def __init__(self, parent_folder: Path | None = None) -> None:
        self._folder = TemporaryFolder(parent_folder)
        self._processes: list[Process] = []
        self._closed = False
        self._lock = threading.Lock()

    @property
    @abstractmethod
    def url(self) -> str: ...

    @abstractmethod
    def _launch(self) -> None:
        """Spawn the processes and wait until the server answers."""

    @property
    def folder(self) -> Path:
        return self._folder.path

    @property
    def running(self) -> bool:
        return bool(self._processes) and all(process.alive for process in self._processes)

    @property
    def obituary(self) -> str | None:
        """If the server ended by itself: a message with the end of its log."""
        ended = [process for process in self._processes if not process.alive]
        return f"{self.title}: {ended[0].report('ended by itself')}" if ended else None

    def start(self) -> None:
        if self.running:
            return
        if self.missing():
            raise ProgramMissing(type(self))
        self.kill()
        try:
            self._launch()
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        for process in reversed(self._processes):
            process.stop()
        self._processes.clear()

    def kill(self) -> None:
        """kill -9."""
        for process in reversed(self._processes):
            process.kill()
        self._processes.clear()

    def pause(self) -> None:
        """SIGSTOP: connections stay open, and nobody answers."""
        for process in self._processes:
            process.pause()

    def resume(self) -> None:
        for process in self._processes:
            process.resume()

    def close(self) -> None:
        """End for good and remove the data. A start in another thread fails at once."""
        with self._lock:
            self._closed = True
        self.kill()
        self._folder.remove()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _spawn(self, command: Sequence[str], env: Mapping[str, str] | None = None) -> Process:
        log = self.folder / f"{Path(command[0]).name}.log"
        environment = {**os.environ, **(env or {})}
        with self._lock:
            if self._closed:
                raise ServerError(f"{self.title} is closed")
            process = Process(command, log, env=environment, cwd=self.folder)
            self._processes.append(process)
        return process
