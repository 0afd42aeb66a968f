"""Redocly and Spectral, which read the OpenAPI description as its users' tools do. Each has its recommended rules."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from .node import NodePackages, node
from .process import ServerError
from .server import Program

_SOURCE = Path(__file__).parent / "api_linters"
PACKAGES = NodePackages(_SOURCE, Path(__file__).parents[2] / ".servers" / "linters")
_QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}


class ApiLinters(Program):
    title = "Redocly and Spectral"
    variable = "API_LINTERS"
    """A folder in which ``npm ci`` has installed them."""

    @classmethod
    def missing(cls) -> str | None:
        return None if _redocly().exists() and _spectral().exists() else "they are not installed"


def redocly(description: Path) -> list[str]:
    """What it finds wrong, warnings too. Raises ServerError if it does not run."""
    found = json.loads(_run([str(_redocly()), "lint", "--format=json", str(description)], description.parent))
    return [f"{problem['severity']} {problem['ruleId']}: {problem['message']}" for problem in found["problems"]]


def spectral(description: Path) -> list[str]:
    """The same."""
    rules = str(_SOURCE / "spectral.yaml")
    said = _run([str(_spectral()), "lint", "-q", "-f", "json", "-r", rules, str(description)], description.parent)
    return [f"{problem['code']}: {problem['message']}" for problem in json.loads(said)]


def _redocly() -> Path:
    return _packages().path("@redocly", "cli", "bin", "cli.js")


def _spectral() -> Path:
    return _packages().path("@stoplight", "spectral-cli", "dist", "index.js")


def _packages() -> NodePackages:
    own = os.environ.get(ApiLinters.variable)
    return NodePackages(_SOURCE, Path(own)) if own else PACKAGES


def _run(command: Sequence[str], folder: Path) -> str:
    """Its output. The status says only whether there are errors."""
    environment = {**os.environ, **_QUIET}
    result = subprocess.run([str(node()), *command], cwd=folder, env=environment, capture_output=True, text=True)
    if not result.stdout.strip():
        raise ServerError(f"{command[0]} does not run: {result.stderr[-2000:]}")
    return result.stdout
