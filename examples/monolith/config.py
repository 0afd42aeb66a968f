"""The monolith's configuration, from environment variables."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from typing import Any

SECRET_KEY = os.environ["MONOLITH_SECRET_KEY"]
MONGODB: dict[str, Any] = {"uri": os.environ["MONOLITH_MONGODB"], "database": os.environ["MONOLITH_DATABASE"]}
BROKER = os.environ["MONOLITH_BROKER"]
QUEUE = os.environ.get("MONOLITH_QUEUE", "monolith")
PUSHER: dict[str, Any] = json.loads(os.environ["MONOLITH_PUSHER"])
"""The arguments of ``pusher.Pusher``."""
WALLET: dict[str, Any] = {"url": os.environ["MONOLITH_WALLET"], "token": os.environ["MONOLITH_WALLET_TOKEN"]}
"""Our book at the wallet service, and the token for it."""
WALLET_KEYS = os.environ["MONOLITH_WALLET_KEYS"].split(",")
"""The keys with which the wallet service signs its callback."""
GRACE = timedelta(seconds=int(os.environ.get("MONOLITH_GRACE", "60")))
"""How long a show may take to begin after the streamer has agreed."""
