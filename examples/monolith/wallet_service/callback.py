"""Tells the platform of every transaction: signed, in order, and again until it is confirmed."""

from __future__ import annotations

import hmac
import logging
from threading import Event, Thread

import requests

from examples.monolith.wallet_service.ledger import Ledger

TIMEOUT = 2.0
"""Seconds that the platform has to confirm a report."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0
"""Seconds after a report that was not confirmed; twice as many after each that follows."""
_log = logging.getLogger(__name__)


class Callback:
    """Posts each report to ``url``; without one it is kept. A report is gone once it was answered with 200.

    One that is not confirmed stops none behind it, and is sent again after a pause.
    """

    def __init__(self, ledger: Ledger, url: str | None, key: str) -> None:
        self._ledger = ledger
        self._url = url
        self._key = key.encode()
        self._news = Event()

    def start(self) -> None:
        if self._url is not None:
            Thread(target=self._run, name="callback", daemon=True).start()

    def wake(self) -> None:
        self._news.set()

    def _run(self) -> None:
        pause = FIRST_PAUSE
        while True:
            self._news.clear()
            pause = FIRST_PAUSE if self._deliver_all() else min(2 * pause, LONGEST_PAUSE)
            self._news.wait(pause)

    def _deliver_all(self) -> bool:
        """Whether nothing is left to be sent again."""
        position, all_confirmed = 0, True
        while (report := self._ledger.next_report(position)) is not None:
            position, body = report
            if self._confirmed(body):
                self._ledger.confirm_report(position)
            else:
                all_confirmed = False
        return all_confirmed

    def _confirmed(self, body: bytes) -> bool:
        signature = hmac.digest(self._key, body, "sha256").hex()
        headers = {"Content-Type": "application/json", "X-Wallet-Signature": f"sha256={signature}"}
        try:
            answer = requests.post(str(self._url), data=body, headers=headers, timeout=TIMEOUT)
        except requests.RequestException as error:
            _log.warning("the callback was not answered: %s", error)
            return False
        if not answer.ok:
            _log.warning("the callback was answered with %d: %s", answer.status_code, answer.text)
        return answer.ok
