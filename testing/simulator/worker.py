"""Takes messages as a Celery worker does: acknowledged after their end, retried after a failure, final when refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from ...core.errors import Refused
from .network import InFlight, Network

RETRY_AFTER = timedelta(seconds=1)
MAX_RETRIES = 8


class Worker:
    """``carry_out`` runs the task of a message."""

    def __init__(self, network: Network, carry_out: Callable[[InFlight], None], *, gives_up: bool) -> None:
        self.network = network
        self.carry_out = carry_out
        self.gives_up = gives_up

    def run(self, one: InFlight) -> None:
        """Work at one message until its end. Raises what its task raised; a crash leaves it to be delivered again."""
        one.running = True
        try:
            self.carry_out(one)
        except Refused:
            self.network.acknowledge(one)
            raise
        except Exception:
            self._failed(one)
            raise
        else:
            self.network.acknowledge(one)
        finally:
            one.running = False

    def _failed(self, one: InFlight) -> None:
        if self.gives_up and one.retries >= MAX_RETRIES:
            self.network.lose(one)
        else:
            self.network.retry(one, RETRY_AFTER)
