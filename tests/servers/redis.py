"""Redis."""

from __future__ import annotations

import socket

from . import other_debian
from .ports import free_port
from .server import Server, find_program


class RedisServer(Server):
    """With ``appendonly``, every acknowledged write is on disk and survives kill -9."""

    title = "Redis"
    variable = "REDIS_URL"

    def __init__(self, appendonly: bool = False) -> None:
        super().__init__()
        self.port = free_port()
        self.appendonly = appendonly

    @classmethod
    def missing(cls) -> str | None:
        return None if cls._find("redis-server") else "redis-server is not installed"

    @classmethod
    def _find(cls, program: str) -> str:
        """Its path, or an empty string."""
        return find_program(program) or ""

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def _launch(self) -> None:
        options = {
            "--bind": "127.0.0.1",
            "--port": str(self.port),
            "--dir": str(self.folder),
            "--save": "",
            "--appendonly": "yes" if self.appendonly else "no",
            "--appendfsync": "always",
            "--daemonize": "no",
        }
        command = [self._find("redis-server"), *(part for option in options.items() for part in option)]
        self._spawn(command).wait_ready(self._answers, deadline=60)

    def _answers(self) -> bool:
        with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(4096).startswith(b"+PONG")  # -LOADING while it reads its file


class OtherRedisServer(RedisServer):
    """Redis 8 on a machine that has Redis 7, and the other way round."""

    title = "Redis of the other Debian"
    variable = "OTHER_REDIS_URL"

    @classmethod
    def missing(cls) -> str | None:
        return other_debian.missing()

    @classmethod
    def _find(cls, program: str) -> str:
        return other_debian.find(program)
