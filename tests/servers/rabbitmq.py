"""RabbitMQ: one node, with its own epmd."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

from . import other_debian
from .ports import accepts, free_port
from .process import ServerError
from .server import Server, find_program

# Debian's commands on PATH switch to the user rabbitmq and fork; these scripts are what they call in the end.
_DEBIAN_SCRIPTS = Path("/usr/lib/rabbitmq/bin")
_PROTOCOL_HEADER = b"AMQP\x00\x00\x09\x01"
_LOOPBACK_ONLY = "-kernel inet_dist_use_interface {127,0,0,1}"


class RabbitServer(Server):
    title = "RabbitMQ"
    variable = "RABBITMQ_URL"

    def __init__(self) -> None:
        super().__init__()
        self.port = free_port()
        self._distribution_port = free_port()
        self._epmd_port = free_port()
        self._node = f"test-{self.port}@127.0.0.1"  # A minimal machine knows no localhost.

    @classmethod
    def missing(cls) -> str | None:
        return None if cls._find("epmd") and cls._find("rabbitmq-server") else "rabbitmq-server is not installed"

    @classmethod
    def _find(cls, program: str) -> str:
        """Its path, or an empty string."""
        script = _DEBIAN_SCRIPTS / program
        return str(script) if script.exists() else find_program(program) or ""

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"

    def memory_alarm(self, on: bool) -> None:
        """While it is on, the broker reads nothing more from connections that publish."""
        self._control("set_vm_memory_high_watermark", "0" if on else "0.4")

    def _launch(self) -> None:
        self._launch_epmd()
        self._launch_node()

    def _launch_epmd(self) -> None:
        names = self._spawn([self._find("epmd"), "-address", "127.0.0.1", "-port", str(self._epmd_port)])
        names.wait_ready(lambda: accepts(self._epmd_port), deadline=60)

    def _launch_node(self) -> None:
        self._spawn([self._find("rabbitmq-server")], env=self._environment()).wait_ready(self._answers, deadline=60)

    def _environment(self) -> dict[str, str]:
        folder = self.folder
        return {
            "HOME": str(folder),  # The Erlang cookie lies there.
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self._epmd_port),
            # A node that finds no epmd would start one as a daemon, which outlives it.
            "ERL_FLAGS": "-start_epmd false",
            "RABBITMQ_NODENAME": self._node,
            "RABBITMQ_USE_LONGNAME": "true",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._distribution_port),
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_LOGS": "-",
            # Files that do not exist, instead of those of the machine's own broker.
            "RABBITMQ_CONF_ENV_FILE": str(folder / "rabbitmq-env.conf"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "advanced"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            # Makes the script exec Erlang instead of forking it, so that signals and the death of the
            # test run reach it.
            "RABBITMQ_ALLOW_INPUT": "1",
            # The default, none, doubles the start time on virtual machines, where waking a thread is slow.
            "RABBITMQ_SCHEDULER_BUSY_WAIT_THRESHOLD": "short",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"-noinput {_LOOPBACK_ONLY}",
            "RABBITMQ_CTL_ERL_ARGS": _LOOPBACK_ONLY,
        }

    def _answers(self) -> bool:
        with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
            connection.sendall(_PROTOCOL_HEADER)
            return connection.recv(4096).startswith(b"\x01")  # Connection.Start

    def _control(self, *arguments: str) -> str:
        result = subprocess.run(
            [self._find("rabbitmqctl"), "--node", self._node, *arguments],
            env={**os.environ, **self._environment()},
            capture_output=True,
            text=True,
            timeout=60,
        )
        if result.returncode:
            raise ServerError(f"rabbitmqctl {arguments[0]} failed: {result.stderr or result.stdout}")
        return result.stdout


class OtherRabbitServer(RabbitServer):
    """RabbitMQ 4 on a machine that has RabbitMQ 3, and the other way round."""

    title = "RabbitMQ of the other Debian"
    variable = "OTHER_RABBITMQ_URL"

    @classmethod
    def missing(cls) -> str | None:
        return other_debian.missing()

    @classmethod
    def _find(cls, program: str) -> str:
        return other_debian.find(program)

    def _environment(self) -> dict[str, str]:
        return {**super()._environment(), **other_debian.environment()}
