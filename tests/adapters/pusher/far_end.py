"""An HTTP server that responds as the test says, and records each request."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from attrs import define, field, frozen

from show_goal.adapters.pusher import PusherSettings


def settings_of(port: int) -> PusherSettings:
    """An app at a port of this machine."""
    return PusherSettings(app_id="1", key="k", secret="hunter2", host="127.0.0.1", port=port, ssl=False)


@frozen
class Asked:
    """``client_port`` differs for each connection."""

    line: str
    client_port: int


@define
class FarEnd:
    """With ``status`` None it hangs up without a response."""

    status: int | None = 200
    body: str = "{}"
    headers: dict[str, str] = field(factory=dict)
    asked: list[Asked] = field(factory=list)
    _server: ThreadingHTTPServer = field(init=False)
    _thread: threading.Thread = field(init=False)

    @property
    def port(self) -> int:
        return self._server.server_port

    @property
    def settings(self) -> PusherSettings:
        return settings_of(self.port)

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.socket.close()


def _handler(far_end: FarEnd) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._answer()

        def do_CONNECT(self) -> None:
            self._answer()

        def _answer(self) -> None:
            far_end.asked.append(Asked(self.requestline, self.client_address[1]))
            if far_end.status is None:
                self.close_connection = True
                return
            self.send_response(far_end.status)
            for name, value in {"Content-Length": str(len(far_end.body.encode())), **far_end.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(far_end.body.encode())

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Nothing on stderr."""

    return Handler
