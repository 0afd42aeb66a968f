"""One person's browser: HTTP with a login cookie."""

from __future__ import annotations

import time
from typing import Any

import requests
from attrs import field, frozen


@frozen(kw_only=True)
class Browser:
    """A user who has just registered and is logged in."""

    address: str
    name: str
    id: str
    http: requests.Session = field(repr=False)

    @classmethod
    def register(cls, address: str, name: str) -> Browser:
        http = requests.Session()
        http.headers["Connection"] = "close"  # the server may close a kept connection at any moment
        response = http.post(f"{address}/members", json={"name": name, "password": "a password"}, timeout=10)
        response.raise_for_status()
        return cls(address=address, name=name, id=response.json()["id"], http=http)

    def ask(self, method: str, path: str, body: Any = None) -> requests.Response:
        return self.http.request(method, f"{self.address}{path}", json=body, timeout=10)

    def go_live(self, title: str, *, sd: int) -> str:
        """Begin a livestream in preview, and return its id. ``sd`` is the price of a minute of private show."""
        session_id: str = self.ask("POST", "/livestreams", {"title": title, "pricing": {"sd": sd}}).json()["id"]
        return session_id

    def invite(self, session_id: str, *, seconds: int = 300, duration: int = 90) -> requests.Response:
        """Invite to a private show of ``duration`` seconds. The streamer has ``seconds`` to answer."""
        body = {"exp": int(time.time()) + seconds, "duration": duration}
        return self.ask("POST", f"/sessions/{session_id}/trigger_private", body)

    def goal(self, goal_id: str) -> dict[str, Any]:
        """The goal, as this user sees it."""
        goal: dict[str, Any] = self.ask("GET", f"/goals/{goal_id}").json()
        return goal

    def close(self) -> None:
        self.http.close()
