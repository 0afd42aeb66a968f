"""The page where viewers pay for the time shown."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from ...browser import PATIENCE
from .conftest import Live
from .test_live import heard, violations

expect.set_options(timeout=PATIENCE)


def test_the_clock_runs_and_the_rest_comes_back(metered: Live) -> None:
    left_early(metered, "90", 310)


def test_the_same_on_real_servers(metered_on_real_servers: Live) -> None:
    left_early(metered_on_real_servers, "90", 310)


def left_early(live: Live, price: str, rest: int) -> None:
    sid, alice = live.open("sid"), live.open("alice")
    expect(alice.locator("#story")).to_have_text("Invite Sid. You pay only for what is shown.")
    alice.get_by_role("button", name=f"Invite for {price}").click()
    sid.get_by_role("button", name="Agree").click()
    expect(alice.locator("#story")).to_have_text("Sid agreed: 90 s are yours. You pay for what is shown.")
    sid.get_by_role("button", name="Start the show").click()

    expect(heard(alice, "show.began")).to_contain_text("the show is on")
    expect(sid.locator("#story")).to_have_text("The show is on: every second is paid.")
    first = so_far(alice)
    expect(alice.locator("#story")).not_to_contain_text(f"costs {first} of")  # the clock runs
    expect(alice.get_by_role("timer")).to_contain_text("of your time left")
    assert violations(alice) == []

    sid.get_by_role("button", name="Back to the preview").click()
    expect(alice.locator("#story")).to_contain_text("Sid has left the show: you pay nothing meanwhile.")
    expect(sid.locator("#story")).to_have_text("You have left the show. Come back soon, or it is over.")

    expect(alice.locator("#story")).to_contain_text("are back.")
    told = re.search(r"You paid (\d+) for what was shown, and (\d+) are back", alice.locator("#story").inner_text())
    assert told is not None
    paid, back = (int(amount) for amount in told.groups())
    assert 0 < first < paid
    assert paid + back == int(price)
    expect(alice.locator("#available")).to_have_text(str(rest + back))
    expect(alice.locator("#held")).to_have_text("0")
    expect(sid.locator("#available")).to_have_text(str(paid))
    expect(sid.locator("#story")).to_have_text("You were paid: viewers pay for what was shown.")
    expect(heard(alice, "goal.settled")).to_contain_text(f"{paid} of your {price} paid, {back} back")
    expect(heard(sid, "show.ended")).to_contain_text("the show is over")


def so_far(alice: Page) -> int:
    """What the show costs, once it costs something."""
    story = alice.locator("#story")
    expect(story).to_contain_text(re.compile(r"costs [1-9]\d* of your 90"))
    found = re.search(r"costs (\d+) of", story.inner_text())
    assert found is not None
    return int(found[1])
