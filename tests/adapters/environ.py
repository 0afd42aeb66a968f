"""Every variable that must be set. Nobody answers at these addresses."""

from __future__ import annotations

ENVIRON = {
    "SHOW_GOAL_MONGODB_URI": "mongodb://127.0.0.1:1/?replicaSet=rs0",
    "SHOW_GOAL_BROKER_URL": "amqp://guest:guest@127.0.0.1:1//",
    "SHOW_GOAL_PUSHER_APP_ID": "1",
    "SHOW_GOAL_PUSHER_KEY": "key",
    "SHOW_GOAL_PUSHER_SECRET": "a-secret",
}
