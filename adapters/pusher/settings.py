"""Where the channels are, and who we are there."""

from __future__ import annotations

from attrs import field, frozen

LOOPBACK = ("127.0.0.1", "localhost")


@frozen(kw_only=True)
class PusherSettings:
    """What Pusher's dashboard shows under "App Keys"; host and port for a service that speaks its protocol."""

    app_id: str
    key: str
    secret: str = field(repr=False)
    cluster: str | None = None
    """As in ``api-eu.pusher.com``. Without cluster and host it is Pusher's first one, ``mt1``."""
    host: str | None = None
    """Goes before ``cluster``."""
    port: int | None = None
    """443 with ssl and 80 without when it is None."""
    ssl: bool = True
    timeout: float = 1.0
    """Seconds to connect, and again to be answered."""

    @property
    def loopback(self) -> bool:
        return self.host in LOOPBACK
