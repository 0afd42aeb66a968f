"""What a route is told by whoever starts it."""

from __future__ import annotations

import os

MONGODB_URI = os.environ["SHOW_GOAL_MONGODB_URI"]
DATABASE = os.environ["SHOW_GOAL_MONGODB_DATABASE"]
BROKER_URL = os.environ["SHOW_GOAL_BROKER_URL"]
QUEUE = os.environ["SHOW_GOAL_QUEUE"]
