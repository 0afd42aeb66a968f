"""What waits for the sweeper (D26), counted no further than one sweep would go."""

from __future__ import annotations

from datetime import datetime, timedelta

from ...core.settings import Settings
from ...ports.goals import Goals
from ...ports.sessions import Sessions
from ...ports.wallet import Wallet
from .examination import Finding, Status

PATIENCE = 2
"""What two sweeps did not take care of waits for a sweeper that does not run."""


def pending_sweeps(
    goals: Goals, sessions: Sessions, wallet: Wallet, settings: Settings, *, now: datetime, sweep_interval: timedelta
) -> Finding:
    """Raises Unavailable."""
    limit = settings.sweep_limit
    due = now - settings.settle_delay
    late = sweep_interval * PATIENCE
    counts = {
        "goals past exp": len(goals.overdue(now, limit)),
        "claims without a goal": len(sessions.unbound(now, limit)),
        "settlements due": len(goals.unsettled(due, limit)),
        "holds past their time": len(wallet.overdue(due, limit)),
    }
    summary = ", ".join(f"{count}{' or more' if count >= limit else ''} {what}" for what, count in counts.items())
    forgotten = goals.overdue(now - late, 1) or goals.unsettled(due - late, 1) or wallet.overdue(due - late, 1)
    if forgotten:
        return Finding(
            Status.FAILURE,
            f"{summary}; some have waited for more than {late.total_seconds():.0f} s",
            ("No sweeper runs, or it fails: run one worker with --beat, or show-goal sweep, which says why.",),
        )
    if max(counts.values()) >= limit:
        return Finding(
            Status.WARNING, summary, ("More than one sweep's work: show-goal sweep, until nothing is left.",)
        )
    return Finding(Status.OK, summary)
