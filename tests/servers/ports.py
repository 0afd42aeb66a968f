"""Ports on 127.0.0.1 that nobody else takes while a server is down."""

from __future__ import annotations

import socket
from pathlib import Path
from random import SystemRandom

_LOWEST = 10_240
_random = SystemRandom()  # Not the shared generator: a seeded test run would draw the same ports every time.


def free_port() -> int:
    """A free TCP port below the range from which the kernel takes the ports of outgoing connections.

    A port of that range could go to any client while its server is down, even to one that keeps trying to
    reconnect to that very port and then meets itself.
    """
    highest = _first_client_port() - 1
    while True:
        port = _random.randint(_LOWEST, highest)
        if is_free(port) and _taken_for_good(port):
            return port


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # Connections of an earlier server in TIME_WAIT do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _taken_for_good(port: int) -> bool:
    """Reserve the port among all test processes: we keep the UDP port of that number until this process ends."""
    claim = socket.socket(type=socket.SOCK_DGRAM)
    try:
        claim.bind(("127.0.0.1", port))
    except OSError:
        claim.close()
        return False
    claim.detach()
    return True


def accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _first_client_port() -> int:
    try:
        first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except OSError:
        return 32_768
    return first if first > _LOWEST + 1_000 else 65_536
