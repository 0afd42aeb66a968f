"""The monolith's wallet service, in a separate process: ids, reports and restarts."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest
import requests

from examples.monolith.running import KEY, TOKEN, running_wallet_service
from examples.monolith.wallet_adapter import HttpWallet
from show_goal.core.errors import InsufficientBalance, TransactionConflict
from show_goal.core.money import Balance
from show_goal.ports.errors import WalletUnavailable

from ..builders import GOAL, STREAMER, VIEWER, a_hold
from ..servers import wait_until
from ..servers.ports import free_port

DEADLINE = 60.0


class Platform(BaseHTTPRequestHandler):
    """Responds to the callback with the statuses in ``statuses``, then with 200, and records each report."""

    statuses: ClassVar[list[int]]
    heard: ClassVar[list[tuple[bytes, str]]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.heard.append((body, self.headers["X-Wallet-Signature"]))
        self.send_response(self.statuses.pop(0) if self.statuses else 200)
        self.end_headers()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Keep the test's output clean."""


@contextmanager
def platform(port: int, *left: int) -> Iterator[list[tuple[bytes, str]]]:
    class ThisPlatform(Platform):
        statuses: ClassVar[list[int]] = [*left]
        heard: ClassVar[list[tuple[bytes, str]]] = []

    with HTTPServer(("127.0.0.1", port), ThisPlatform) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield ThisPlatform.heard
        finally:
            server.shutdown()
            thread.join()


def url(port: int) -> str:
    return f"http://127.0.0.1:{port}/callback"


def reports(heard: list[tuple[bytes, str]]) -> list[dict[str, Any]]:
    """The fields of each report, after checking its signature."""
    for body, signature in heard:
        assert signature == f"sha256={hmac.digest(KEY.encode(), body, 'sha256').hex()}"
    return [{name: value for name, value in json.loads(body).items() if name != "ts"} for body, _ in heard]


def test_every_transaction_is_reported_signed_until_it_is_confirmed(tmp_path: Path) -> None:
    port, platform_port = free_port(), free_port()
    hold = a_hold()
    held = {
        "id": hold.transaction_id,
        "fromAccount": VIEWER,
        "fromAmount": 90,
        "toAccount": None,
        "toAmount": None,
        "tags": hold.tags,
    }
    paid = {**held, "id": f"{hold.transaction_id}:released", "fromAccount": hold.escrow_id, "toAccount": STREAMER}
    with platform(platform_port, 503, 500) as heard, running_wallet_service(tmp_path, port, url(platform_port)):
        wallet = HttpWallet(f"http://127.0.0.1:{port}/book", TOKEN, timeout=10)
        wallet.deposit("1", VIEWER, 100)
        for _ in range(2):
            wallet.hold(hold)
        wait_until(lambda: len(heard) == 3, DEADLINE, "two failures and a success")
        for _ in range(2):
            wallet.release(hold.transaction_id)
        wait_until(lambda: len(heard) == 4, DEADLINE, "the second report")
    assert reports(heard) == [held, held, held, {**paid, "toAmount": 90, "tags": []}]


def test_money_and_unconfirmed_reports_survive_a_kill(tmp_path: Path) -> None:
    port, platform_port = free_port(), free_port()
    wallet = HttpWallet(f"http://127.0.0.1:{port}/book", TOKEN, timeout=10)
    with running_wallet_service(tmp_path, port, url(platform_port)) as service:  # the platform is down
        wallet.deposit("1", VIEWER, 100)
        wallet.hold(a_hold())
        service.kill()
    with pytest.raises(WalletUnavailable):
        wallet.balance(VIEWER)
    with platform(platform_port) as heard, running_wallet_service(tmp_path, port, url(platform_port)):
        assert wallet.balance(VIEWER) == Balance(available=10, held=90)
        wait_until(lambda: heard, DEADLINE, "the report from before the kill")
    assert [report["id"] for report in reports(heard)] == [a_hold().transaction_id]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    with running_wallet_service(tmp_path_factory.mktemp("wallet"), port):
        yield f"http://127.0.0.1:{port}"


def test_a_repeated_deposit_counts_once_and_another_amount_is_a_conflict(address: str) -> None:
    wallet = HttpWallet(f"{address}/deposits", TOKEN, timeout=10)
    for _ in range(2):
        wallet.deposit("1", VIEWER, 100)
    with pytest.raises(TransactionConflict):
        wallet.deposit("1", VIEWER, 101)
    assert wallet.balance(VIEWER) == Balance(available=100)


def test_books_are_independent(address: str) -> None:
    rich, poor = (HttpWallet(f"{address}/{book}", TOKEN, timeout=10) for book in ("rich", "poor"))
    rich.deposit("1", VIEWER, 100)
    with pytest.raises(InsufficientBalance):
        poor.hold(a_hold())
    assert rich.hold(a_hold()) == a_hold()
    assert poor.find(a_hold().transaction_id) is None


@pytest.mark.parametrize("token", ["", "another", "\xe9"])
def test_a_wrong_token_is_a_failure_and_no_refusal(address: str, token: str) -> None:
    """A refusal would be final, but a wrong token can be corrected, and the same call repeated."""
    with pytest.raises(WalletUnavailable, match="401"):
        HttpWallet(f"{address}/book", token, timeout=10).hold(a_hold())


@pytest.mark.parametrize("changes", [{"amount": -1}, {"amount": True}, {"amount": "1"}, {"tags": None}, {"payer": 1}])
def test_a_malformed_hold_is_400_and_moves_nothing(address: str, changes: dict[str, Any]) -> None:
    hold = {"id": GOAL, "payer": VIEWER, "payee": STREAMER, "escrow": "e", "amount": 0, "expires": None}
    response = requests.post(
        f"{address}/malformed/hold",
        json={**hold, "tags": [], "note": {}, **changes},
        headers={"Authorization": f"Bearer {TOKEN}"},
        timeout=10,
    )
    assert response.status_code == 400
    assert HttpWallet(f"{address}/malformed", TOKEN, timeout=10).find(GOAL) is None


def test_a_404_from_another_server_is_no_unknown_transaction() -> None:
    """A 404 from a wrong address must not be taken for an unknown hold."""
    port = free_port()
    with platform(port, 404), pytest.raises(WalletUnavailable):
        HttpWallet(f"http://127.0.0.1:{port}/book", TOKEN, timeout=10).release("1")
