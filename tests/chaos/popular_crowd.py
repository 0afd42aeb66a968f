"""A crowd that has paid for one goal: put into the stores at once, and audited at the end."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from math import ceil
from typing import Any

from attrs import frozen
from bson import ObjectId

from show_goal.core.names import escrow_id, preview_channel, transaction_id, transfer_tag

from ..black_box.platform import Platform
from ..servers import wait_until

Document = dict[str, Any]

PRICE, BALANCE = 90, 1_000
ODD = "auth0|1"
"""A viewer whose channel Pusher does not take."""
BATCH = 1_000


@frozen(kw_only=True)
class Crowd:
    platform: Platform
    goal_id: str
    viewers: list[str]

    @property
    def heard(self) -> list[str]:
        """Those to whom we listen: the first, the last, and some between them. One of them comes after the odd one."""
        return [viewer for viewer in (*self.viewers[:: len(self.viewers) // 7], self.viewers[-1]) if viewer != ODD]

    def passes(self) -> int:
        return self.platform.database["passes"].count_documents({})

    def ended(self) -> float:
        """When the goal ended, in Unix time."""
        ended = wait_until(lambda: not (self.platform.goal(self.goal_id) or {})["active"], 60, "the end")
        assert ended
        return float((self.platform.goal(self.goal_id) or {})["exp"].timestamp())

    def holds_something(self) -> bool:
        return self.platform.database["accounts"].find_one({"holds.escrow_id": escrow_id(self.goal_id)}) is not None

    def costs(self, *, agree: bool) -> int:
        """What each of them pays: a coin for each second shown, or the whole price if nothing is recorded."""
        recorded = (self.platform.goal(self.goal_id) or {}).get("on_sd")
        if not (agree and recorded):
            return agree * PRICE
        seconds: float = (recorded[0]["until"] - recorded[0]["since"]).total_seconds()
        return min(PRICE, ceil(seconds))

    def problems(self, *, agree: bool) -> list[str]:
        """What was lost, or came twice."""
        platform, wallet, cost = self.platform, self.platform.wallet(), self.costs(agree=agree)
        ends = Counter(one["state"] for one in platform.database["transactions"].find({}, ["state"]))
        wanted = {"released" if agree else "refunded": len(self.viewers)}
        problems = [*wallet.audit(datetime.now(UTC)).problems]
        problems += [] if ends == wanted else [f"the holds ended as {dict(ends)}"]
        earned = wallet.balance(platform.streamer_id).available
        problems += [] if earned == cost * len(self.viewers) else [f"the streamer has {earned}"]
        left = BALANCE - cost
        wrong = {"_id": {"$ne": ObjectId(platform.streamer_id)}, "available": {"$ne": left}}
        problems += [
            f"{one['_id']} has {one['available']}" for one in platform.database["accounts"].find(wrong).limit(3)
        ]
        passes = platform.database["passes"].count_documents({"duration": cost}) if agree else 0  # a coin a second
        problems += [] if passes == agree * len(self.viewers) else [f"there are {passes} passes"]
        return problems + [f"{viewer} heard nothing" for viewer in self.heard if agree and not self._hears(viewer)]

    def _hears(self, viewer_id: str) -> bool:
        channel = preview_channel(self.platform.streamer_id, viewer_id)
        try:
            return bool(self.platform.listener.wait_for("stream.authorized", channel, 20))
        except TimeoutError:
            return False


def a_crowd(platform: Platform, viewers: int) -> Crowd:
    """One viewer invites. The others' holds are put beside the first one's, and their payments count."""
    first = platform.add_viewer(BALANCE)
    goal_id: str = platform.invite(first, seconds=1_200).json()["goal_id"]
    wait_until(lambda: platform.counts(goal_id, first), 60, "the first viewer's payment")
    exp = (platform.goal(goal_id) or {})["exp"]
    others = [ODD, *(str(ObjectId()) for _ in range(viewers - 2))]
    for begin in range(0, len(others), BATCH):
        some = others[begin : begin + BATCH]
        platform.database["accounts"].insert_many([_account(platform, goal_id, viewer, exp) for viewer in some])
        platform.database["contributions"].insert_many([_contribution(goal_id, viewer) for viewer in some])
    platform.database["goals"].update_one({"_id": ObjectId(goal_id)}, {"$inc": {"progress": len(others)}})
    return Crowd(platform=platform, goal_id=goal_id, viewers=[first, *others])


def _account(platform: Platform, goal_id: str, viewer_id: str, exp: datetime) -> Document:
    hold = {
        "transaction_id": transaction_id(goal_id, viewer_id),
        "goal_id": goal_id,
        "escrow_id": escrow_id(goal_id),
        "from_user_id": viewer_id,
        "to_user_id": platform.streamer_id,
        "amount": PRICE,
        "duration": 90,
        "tags": [transfer_tag("swag", platform.session_id, goal_id)],
        "exp": exp,
        "state": "held",
        "order": ObjectId(),
        "placed_at": datetime.now(UTC),
    }
    return {
        "_id": viewer_id if viewer_id == ODD else ObjectId(viewer_id),
        "available": BALANCE - PRICE,
        "deposited": BALANCE,
        "held": PRICE,
        "holds": [hold],
        "receipts": [],
        "settled": 0,
        "next_exp": exp,
    }


def _contribution(goal_id: str, viewer_id: str) -> Document:
    key = {"goal": ObjectId(goal_id), "insert": transaction_id(goal_id, viewer_id)}
    return {"_id": key, "viewer": viewer_id, "amount": 1, "cost": PRICE, "counted": True}
