"""Every counter: its name, its unit, what it counts and by which attributes it is told apart.

Each counts what happened here. Messages come at least once (D19), so that one which is delivered again counts again:
what the money really did, the wallet's audit says.
"""

from __future__ import annotations

from attrs import frozen


@frozen
class Counter:
    name: str
    unit: str
    description: str
    attributes: tuple[str, ...] = ()


ACCEPTED = Counter("show_goal.invitations.accepted", "{invitation}", "Invitations answered with 202, retries included")
REFUSALS = Counter(
    "show_goal.refusals",
    "{refusal}",
    "Requests and tasks that the rules refused; code is public, reason is the truth (D10)",
    ("unit", "code", "reason"),
)
FAILURES = Counter(
    "show_goal.failures",
    "{failure}",
    "Requests and tasks that broke off: a request says 503 or 500, a task is retried",
    ("unit", "error.type"),
)
HOLDS = Counter("show_goal.holds", "{hold}", "Transfers that the wallet holds in escrow")
RELEASES = Counter("show_goal.releases", "{release}", "Holds that were released to the streamer")
REFUNDS = Counter("show_goal.refunds", "{refund}", "Holds that went back to their viewer")
SWEEPS = Counter("show_goal.sweeps", "{sweep}", "Sweeps, by whether they are done or failed", ("outcome",))
SWEPT = Counter(
    "show_goal.sweep.items",
    "{item}",
    "What sweeps found undone and did: ended, resumed, settled, refunded",
    ("kind",),
)
RECEIVER_FAILURES = Counter(
    "show_goal.receiver.failures", "{failure}", "Receivers of signals that raised; the others ran", ("receiver",)
)

COUNTERS = (ACCEPTED, REFUSALS, FAILURES, HOLDS, RELEASES, REFUNDS, SWEEPS, SWEPT, RECEIVER_FAILURES)
MONEY = {"held": HOLDS, "released": RELEASES, "refunded": REFUNDS}
"""By what a trace calls it."""
