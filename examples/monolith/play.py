"""One invitation, from the first request to the wallet's last report."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta

from examples.monolith.browser import Browser
from examples.monolith.running import Monolith
from show_goal.core.money import Balance
from tests.servers import PusherSubscriber, wait_until

Say = Callable[[str, str], None]
DEADLINE = 30.0


def play(monolith: Monolith, listener: PusherSubscriber, say: Say) -> None:
    """Alice invites Sid, who agrees and begins. It waits for each step, and calls ``say`` with who did what."""
    wallet = monolith.wallet

    def money(person: Browser) -> str:
        balance = wallet.balance(person.id)
        return f"{person.name} has {balance.available} available and {balance.held} held"

    with (
        closing(Browser.register(monolith.address, "Sid")) as sid,
        closing(Browser.register(monolith.address, "Alice")) as alice,
    ):
        session_id = sid.go_live("Songs of an evening", sd=60)
        channel = f"private-user@{sid.id}"
        listener.subscribe(channel)
        say("Sid", "registers with the monolith and goes live; a minute of private show costs 60")
        wallet.deposit("top-up 1", alice.id, 150)
        say("Alice", "registers, and brings 150 into the wallet service")

        preview = alice.ask("GET", f"/sessions/{session_id}/trigger_private?duration=90").json()
        say("Alice", f"asks what 90 s would cost: {preview['amount']}")
        response = alice.invite(session_id)
        goal_id = response.json()["goal_id"]
        say("Alice", f"invites Sid: {response.status_code}, {response.json()['amount']} for goal {goal_id}")

        added = listener.wait_for("goal.added", channel, DEADLINE)
        say("Sid", f"hears {added.name} on {channel}")
        wait_until(lambda: wallet.balance(alice.id) == Balance(available=60, held=90), DEADLINE, "the hold")
        say("wallet", money(alice))
        wait_until(lambda: alice.goal(goal_id)["progress"] == 1, DEADLINE, "the wallet's report")
        say("wallet", "reports it, signed, to /notify/wallet/transaction; the goal's progress is 1")

        agreed = sid.ask("DELETE", f"/goals/{goal_id}", {"agree": True})
        say("Sid", f"agrees: {agreed.status_code}")
        ended = listener.wait_for("goal.ended", channel, DEADLINE)
        say("Sid", f"hears {ended.name}, agreed")
        preset = sid.ask("PATCH", "/streams/me/preset/sd").json()
        say("Sid", f"begins the show: from {preset['from_preset']} to {preset['preset']}")

        wait_until(lambda: wallet.balance(sid.id) == Balance(available=90), DEADLINE, "the settlement")
        wait_until(lambda: alice.goal(goal_id)["state"] == "released", DEADLINE, "the end of the settlement")
        say("wallet", f"{money(sid)}; {money(alice)}")
        wait_until(lambda: alice.ask("GET", "/ranking").json() == {sid.id: 1}, DEADLINE, "the ranking")
        say("monolith", "its own receiver heard goal.ended too: Sid leads its ranking with 1 point")
        audit = wallet.audit(datetime.now(UTC) + timedelta(days=1))
        total = f"{audit.available} available + {audit.held} held = {audit.deposited} deposited"
        say("wallet", f"{total}, {'; '.join(audit.problems) or 'no problems'}")
