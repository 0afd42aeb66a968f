"""A stand-in for hosted Pusher: soketi behind a small wrapper, a separate process for tests only."""

from __future__ import annotations

import http.client
from pathlib import Path

from .node import NodePackages, node
from .ports import free_port, is_free
from .process import ServerError
from .server import Server

STAND_IN = Path(__file__).parent / "pusher_stand_in"
PACKAGES = NodePackages(STAND_IN, Path(__file__).parents[2] / ".servers" / "pusher")
_SOKETI = PACKAGES.path("@soketi", "soketi", "package.json")


class PusherServer(Server):
    title = "Pusher stand-in"
    variable = "PUSHER_URL"
    host = "127.0.0.1"
    app_id = "1001"  # Digits, as the hosted service has them.
    key = "test-key"
    secret = "test-secret"

    def __init__(self) -> None:
        super().__init__()
        self.port = free_port()

    @classmethod
    def missing(cls) -> str | None:
        return None if _SOKETI.exists() else "soketi is not installed"

    @property
    def url(self) -> str:
        return f"http://{self.key}:{self.secret}@{self.host}:{self.port}/apps/{self.app_id}"

    def _launch(self) -> None:
        if not is_free(self.port):  # It would share the port with another instance, in silence.
            raise ServerError(f"{self.title}: port {self.port} is taken")
        process = self._spawn([str(node()), str(STAND_IN / "server.js")], env=self._environment())
        process.wait_ready(self._answers, deadline=60)

    def _environment(self) -> dict[str, str]:
        return {
            "NODE_PATH": str(PACKAGES.path()),
            "SOKETI_HOST": self.host,
            "SOKETI_PORT": str(self.port),
            "SOKETI_METRICS_HOST": self.host,
            "SOKETI_METRICS_SERVER_PORT": "0",
            "SOKETI_DEFAULT_APP_ID": self.app_id,
            "SOKETI_DEFAULT_APP_KEY": self.key,
            "SOKETI_DEFAULT_APP_SECRET": self.secret,
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
