"""A stand-in for hosted Pusher: soketi behind a small wrapper, a separate process for tests only."""

from __future__ import annotations

import http.client
import json
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from .ports import free_port, is_free
from .process import ServerError
from .server import Server, find_program

STAND_IN = Path(__file__).parent / "pusher_stand_in"
INSTALLED = Path(__file__).parents[2] / ".servers" / "pusher"
NODE_VERSIONS = ("v16.", "v18.", "v20.")


@cache
def find_node() -> str | None:
    """A Node that soketi's compiled WebSocket library was built for."""
    program = find_program("node")
    if program is None:
        return None
    version = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    return program if version.startswith(NODE_VERSIONS) else None


class PusherServer(Server):
    """`webhooks` as soketi takes them: `[{"url": ..., "event_types": ["channel_vacated", ...]}]`."""

    title = "Pusher stand-in"
    variable = "PUSHER_URL"
    host = "127.0.0.1"
    app_id = "1001"  # Digits, as the hosted service has them.
    key = "test-key"
    secret = "test-secret"

    def __init__(self, webhooks: Sequence[Mapping[str, object]] = ()) -> None:
        super().__init__()
        self.port = free_port()
        self.webhooks = list(webhooks)

    @property
    def url(self) -> str:
        return f"http://{self.key}:{self.secret}@{self.host}:{self.port}/apps/{self.app_id}"

    def _launch(self) -> None:
        node = find_node()
        if node is None:
            raise self._missing("Node 16, 18 or 20")
        modules = INSTALLED / "node_modules"
        package = modules / "@soketi" / "soketi" / "package.json"
        if not package.exists():
            raise self._missing("soketi")
        if not is_free(self.port):  # It would share the port with another instance, in silence.
            raise ServerError(f"{self.title}: port {self.port} is taken")
        self.version = json.loads(package.read_text())["version"]
        process = self._spawn([node, str(STAND_IN / "server.js")], env=self._environment(modules))
        process.wait_ready(self._answers, deadline=60)

    def _environment(self, modules: Path) -> dict[str, str]:
        return {
            "NODE_PATH": str(modules),
            "SOKETI_HOST": self.host,
            "SOKETI_PORT": str(self.port),
            "SOKETI_METRICS_HOST": self.host,
            "SOKETI_METRICS_SERVER_PORT": "0",
            "SOKETI_DEFAULT_APP_ID": self.app_id,
            "SOKETI_DEFAULT_APP_KEY": self.key,
            "SOKETI_DEFAULT_APP_SECRET": self.secret,
            "SOKETI_DEFAULT_APP_WEBHOOKS": json.dumps(self.webhooks),
            "SOKETI_EVENT_MAX_SIZE_IN_KB": "10",
            "SOKETI_SHUTDOWN_GRACE_PERIOD": "0",
        }

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=1)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status == 200
        finally:
            connection.close()
