"""A TCP proxy in front of a server that can drop the server's replies or refuse connections."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Lock, Thread

from ...servers.ports import free_port


class Proxy:
    """Forwards everything, until another method is called and again after ``forward``."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._swallows = Event()
        self.swallowed = 0
        self._marks: tuple[bytes, ...] = ()
        self._marks_met: set[bytes] = set()
        self._sockets: list[socket.socket] = []
        self._lock = Lock()
        self.port = free_port()
        self.listen()

    def swallow_replies(self) -> None:
        """From now on requests arrive and replies are dropped. ``swallowed`` counts the replies."""
        self.swallowed = 0
        self._swallows.set()

    def cut_replies_to(self, *marks: bytes) -> None:
        """A request that contains one of the marks arrives; instead of its reply the connection is cut."""
        self._marks_met = set()
        self._marks = marks

    @property
    def marks_met(self) -> int:
        """How many of the marks have been seen."""
        return len(self._marks_met)

    @property
    def connections(self) -> int:
        """How many connections are open."""
        with self._lock:
            return sum(each.fileno() != -1 for each in self._sockets) // 2

    def forward(self) -> None:
        """Forward everything again."""
        self._swallows.clear()
        self._marks = ()
        if self._listener.fileno() == -1:
            self.listen()

    def refuse(self) -> None:
        """Cut all connections and refuse new ones, like a port that nobody listens on."""
        with self._lock:
            _cut(self._listener)
            opened, self._sockets = self._sockets, []
        for each in opened:
            _cut(each)

    def listen(self) -> None:
        """Accept connections again, after ``refuse``."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                try:
                    server = socket.create_connection(self._target)
                except OSError:  # nobody listens there
                    _cut(client)
                    continue
                with self._lock:
                    self._sockets += [client, server]
                    closed = listener.fileno() == -1  # `close` ran in between and does not know these two
                if closed:
                    _cut(client)
                    _cut(server)
                doomed = Event()
                Thread(target=self._requests, args=(client, server, doomed), daemon=True).start()
                Thread(target=self._replies, args=(server, client, doomed), daemon=True).start()

    def _requests(self, client: socket.socket, server: socket.socket, doomed: Event) -> None:
        with suppress(OSError):
            while data := client.recv(65_536):
                if met := {mark for mark in self._marks if mark in data}:
                    self._marks_met |= met
                    doomed.set()
                server.sendall(data)
        _cut(server)

    def _replies(self, server: socket.socket, client: socket.socket, doomed: Event) -> None:
        with suppress(OSError):
            while data := server.recv(65_536):
                if doomed.is_set():
                    break
                if self._swallows.is_set():
                    self.swallowed += 1
                else:
                    client.sendall(data)
        _cut(client)


def _cut(opened: socket.socket) -> None:
    with suppress(OSError):
        opened.shutdown(socket.SHUT_RDWR)
    opened.close()


@contextmanager
def proxy_to(target: tuple[str, int]) -> Iterator[Proxy]:
    proxy = Proxy(target)
    try:
        yield proxy
    finally:
        proxy.refuse()
