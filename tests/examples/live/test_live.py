"""The page, driven in Chromium: each person in a browser context of their own."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from .conftest import PATIENCE, Live

expect.set_options(timeout=PATIENCE)


def test_an_invitation_reaches_the_other_windows_and_the_show_is_paid(live: Live) -> None:
    sid, alice, bob = live.open("sid"), live.open("alice"), live.open("bob")
    invited_and_paid(sid, alice, bob)


def test_a_refusal_refunds_every_payer_and_the_session_cools_down(live: Live) -> None:
    sid, alice = live.open("sid"), live.open("alice")
    alice.get_by_role("button", name="Invite for 90").click()
    refused(sid, alice)


def test_after_a_reconnection_the_page_asks_for_the_state_again(live: Live) -> None:
    reconnected(live, live.open("sid"), live.open("alice"))


def test_the_same_on_real_servers(live_on_real_servers: Live) -> None:
    live = live_on_real_servers
    sid, alice, bob = live.open("sid"), live.open("alice"), live.open("bob")
    reconnected(live, sid, alice)
    refused(sid, alice)
    invited_and_paid(sid, alice, bob)


def invited_and_paid(sid: Page, alice: Page, bob: Page) -> None:
    expect(alice.locator("#available")).to_have_text("400")

    alice.get_by_role("button", name="Invite for 90").click()
    expect(sid.locator("#story")).to_have_text("You are invited to a private show. Agree?")
    expect(bob.locator("#story")).to_have_text("Somebody has invited Sid: you can join.")
    expect(alice.locator("#held")).to_have_text("90")
    expect(alice.get_by_role("button", name="Invited")).to_be_disabled()
    expect(sid.get_by_role("timer")).to_be_visible()

    bob.get_by_label("180 s").check()
    bob.get_by_role("button", name="Join for 180").click()
    expect(sid.locator("#escrow")).to_have_text("270 (2 viewers)")

    sid.get_by_role("button", name="Agree").click()
    expect(alice.locator("#story")).to_contain_text("Sid agreed: 90 s are yours.")
    expect(bob.locator("#story")).to_contain_text("Sid agreed: 180 s are yours.")
    sid.get_by_role("button", name="Start the show").click()
    expect(sid.locator("#story")).to_have_text("You were paid.")
    expect(sid.locator("#available")).to_have_text("270")
    expect(alice.locator("#held")).to_have_text("0")
    expect(alice.locator("#available")).to_have_text("310")


def refused(sid: Page, alice: Page) -> None:
    sid.get_by_role("button", name="Refuse").click()
    expect(alice.locator("#story")).to_contain_text("Sid declined")
    expect(alice.locator("#go")).to_have_text("Not now")
    expect(alice.locator("#available")).to_have_text("400")
    expect(sid.locator("#story")).to_have_text("Every viewer is refunded.")
    expect(alice.get_by_role("button", name="Invite for 90")).to_be_enabled()


def reconnected(live: Live, sid: Page, alice: Page) -> None:
    """Alice invites while Sid is cut off."""
    with live.cut_off(sid):
        expect(sid.locator("#connection")).to_have_text("reconnecting")
        alice.get_by_role("button", name="Invite for 90").click()
        expect(alice.locator("#held")).to_have_text("90")
        expect(sid.locator("#story")).to_have_text("Nobody has invited you.")
    expect(sid.locator("#connection")).to_have_text("live")
    # At once, not after an event: what was missed does not come again.
    assert sid.locator("#story").text_content() == "You are invited to a private show. Agree?"


def test_what_nobody_answers_runs_out_by_itself(live: Live) -> None:
    alice = live.open("alice")
    alice.get_by_label("Sid has").select_option("15")
    alice.get_by_role("button", name="Invite for 90").click()
    expect(alice.locator("#story")).to_contain_text("Sid did not answer")
    expect(alice.locator("#story")).to_contain_text("Your 90 are back.")


def test_the_page_fits_a_phone_and_each_control_has_a_name(live: Live) -> None:
    for person in ("sid", "alice"):
        page = live.open(person, width=340)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), person
        assert page.evaluate(
            "[...document.querySelectorAll('button, input')].every(one => one.textContent || one.labels?.length)"
        )
        assert page.locator("h1").count() == 1


def test_everybody_side_by_side(live: Live) -> None:
    page = live.browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(live.address)
    for name in ("Sid", "Alice", "Bob"):
        frame = page.frame_locator(f"iframe[title={name}]")
        expect(frame.get_by_role("heading", level=1)).to_have_text(name)
        expect(frame.locator("#connection")).to_have_text("live")
