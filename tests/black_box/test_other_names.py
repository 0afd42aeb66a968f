"""A host whose sessions call things differently, seen from outside (D49)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pymongo.database import Database

from show_goal.core.money import Balance

from ..servers import Servers
from .conftest import SETTINGS
from .platform import Platform, running_platform
from .test_endings import answer, assert_clean, balance, paid, wait_for_balance

NAMES = {"user": "owner.ref", "active": "is_live", "status.preset": "state.mode", "pricing": "rates"}
PATHS = {
    "SHOW_GOAL_MONGODB_SESSION_USER": "owner.ref",
    "SHOW_GOAL_MONGODB_SESSION_ACTIVE": "is_live",
    "SHOW_GOAL_MONGODB_SESSION_PRESET": "state.mode",
    "SHOW_GOAL_MONGODB_SESSION_PRICING": "rates",
}


def renamed(platform: Platform) -> Platform:
    """Its sessions with the host's own names."""
    platform.database.sessions.update_many({"user": {"$exists": True}}, {"$rename": NAMES})
    return platform


def test_a_session_with_other_names_goes_to_both_endings_D49(
    servers: Servers, mongo_database: Database[dict[str, Any]], tmp_path: Path
) -> None:
    settings = SETTINGS | PATHS
    with running_platform(servers, servers.rabbitmq_url, mongo_database, tmp_path, settings=settings) as platform:
        agreed, refused = renamed(platform), renamed(platform.with_another_session())
        blocked, payer, other = (platform.add_viewer() for _ in range(3))
        response = agreed.invite(blocked, tags=f"blocked-by:{agreed.streamer_id}")
        assert (response.status_code, response.json()["code"]) == (403, "private_show_unavailable")

        answer(agreed, paid(agreed, payer), agree=True)
        answer(refused, paid(refused, other), agree=False)
        assert agreed.switch_preset("sd").status_code == 200

        wait_for_balance(agreed, agreed.streamer_id, 90)
        wait_for_balance(refused, other, 1_000)
        assert balance(agreed, payer) == Balance(available=910)
        assert agreed.session()["state"] == {"mode": "sd"}
        assert_clean(agreed, refused)
