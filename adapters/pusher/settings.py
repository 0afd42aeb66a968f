"""Where the channels are, and who we are there."""

from __future__ import annotations

from attrs import field, frozen
from attrs.validators import optional

from ...core.validation import at_least, more_than, not_empty, typed

LOOPBACK = ("127.0.0.1", "localhost")


@frozen(kw_only=True, field_transformer=typed)
class PusherSettings:
    """What Pusher's dashboard shows under "App Keys"; host and port for another service that speaks its protocol.

    Raises InvalidValue, which names the field.
    """

    app_id: str = field(validator=not_empty)
    key: str = field(validator=not_empty)
    secret: str = field(validator=not_empty, repr=False)
    cluster: str | None = None
    """As in ``api-eu.pusher.com``. Without cluster and host it is Pusher's first one, ``mt1``."""
    host: str | None = None
    """Takes precedence over ``cluster``."""
    port: int | None = field(default=None, validator=optional(at_least(1)))
    """None: 443 with ``ssl``, 80 without."""
    ssl: bool = True
    timeout: float = field(default=1.0, validator=more_than(0))
    """Seconds to connect, and again to get an answer."""

    @property
    def loopback(self) -> bool:
        return self.host in LOOPBACK
