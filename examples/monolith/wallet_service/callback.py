"""Reports every transaction to the platform: signed, in order, and repeated until confirmed."""

from __future__ import annotations

import hmac
import logging
from threading import Event, Thread

import requests

from examples.monolith.wallet_service.ledger import Ledger

TIMEOUT = 2.0
"""Seconds that the platform has to confirm a report."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0
"""Seconds to wait if a report was not confirmed. The wait doubles each time, up to the longest."""
_log = logging.getLogger(__name__)


class Callback:
    """Posts each report to ``url``, until a successful response confirms it. Without a ``url``, reports are kept.

    An unconfirmed report does not delay the others. It is sent again after a pause.
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
        """Whether every report is confirmed."""
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
            response = requests.post(str(self._url), data=body, headers=headers, timeout=TIMEOUT)
        except requests.RequestException as error:
            _log.warning("no response to the callback: %s", error)
            return False
        if not response.ok:
            _log.warning("the callback failed with %d: %s", response.status_code, response.text)
        return response.ok
