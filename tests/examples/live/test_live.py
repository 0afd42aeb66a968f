"""The page, driven in Chromium: each person in a browser context of their own."""

from __future__ import annotations

from importlib.resources import files

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from ...browser import PATIENCE
from .conftest import Live

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
    expect(sid.get_by_role("timer")).to_contain_text("left to answer")
    expect(bob.locator("#story")).to_have_text("Somebody has invited Sid: you can join.")
    expect(alice.locator("#held")).to_have_text("90")
    expect(alice.get_by_role("button", name="Invited")).to_be_disabled()

    bob.get_by_label("180 s").check()
    bob.get_by_role("button", name="Join for 180").click()
    expect(sid.locator("#escrow")).to_have_text("270 (2 viewers)")

    sid.get_by_role("button", name="Agree").click()
    expect(alice.locator("#story")).to_contain_text("Sid agreed: 90 s are yours.")
    expect(bob.locator("#story")).to_contain_text("Sid agreed: 180 s are yours.")
    sid.get_by_role("button", name="Start the show").click()
    expect(alice.get_by_role("button", name="The show is on")).to_be_disabled()
    expect(alice.locator("#time")).not_to_have_text("0 s")
    expect(sid.locator("#story")).to_have_text("You were paid: the show began.")
    expect(heard(sid, "goal.settled")).to_contain_text("released, 270 in all")
    expect(heard(alice, "goal.settled")).to_contain_text("released, 90 of yours")
    expect(sid.locator("#available")).to_have_text("270")
    expect(alice.locator("#held")).to_have_text("0")
    expect(alice.locator("#available")).to_have_text("310")
    sid.get_by_role("button", name="Back to the preview").click()
    expect(alice.get_by_role("button", name="Invite for 90")).to_be_enabled()


def heard(page: Page, event: str) -> Locator:
    """The newest such event in the page's list."""
    return page.locator("#heard li").filter(has=page.get_by_text(event, exact=True)).first


def refused(sid: Page, alice: Page) -> None:
    sid.get_by_role("button", name="Refuse").click()
    expect(alice.locator("#story")).to_contain_text("Sid declined")
    expect(alice.locator("#go")).to_have_text("Not now")
    expect(alice.locator("#available")).to_have_text("400")
    expect(sid.locator("#story")).to_have_text("Every viewer is refunded: Sid did not agree.")
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
    expect(alice.locator("#story")).to_contain_text("Your 90 are back: Sid did not agree.")


def test_a_show_that_never_began_is_refunded_and_its_time_is_taken_back_D35_D39(live: Live) -> None:
    sid, alice = live.open("sid"), live.open("alice")
    alice.get_by_role("button", name="Invite for 90").click()
    sid.get_by_role("button", name="Agree").click()
    expect(alice.locator("#time")).not_to_have_text("0 s")
    expect(alice.get_by_role("button", name="Sid agreed")).to_be_disabled()
    why = "the show did not begin in time."
    expect(alice.locator("#story")).to_have_text(f"Your 90 are back: {why} The 90 s are taken back.")
    expect(sid.locator("#story")).to_have_text(f"Every viewer is refunded: {why}")
    expect(heard(alice, "stream.unauthorized")).to_contain_text("your time is taken back")
    expect(heard(alice, "goal.settled")).to_contain_text("refunded, 90 of yours")
    expect(heard(sid, "goal.settled")).to_contain_text("refunded, 90 in all")
    expect(alice.locator("#time")).to_have_text("0 s")


def test_an_invitation_whose_answer_is_lost_is_sent_again_and_paid_once_D29(live: Live) -> None:
    alice = live.open("alice")
    keys: list[str | None] = []

    def lose_the_first_answer(route: Route) -> None:
        if route.request.method != "POST":
            return route.continue_()
        keys.append(route.request.header_value("Idempotency-Key"))
        if len(keys) > 1:
            return route.continue_()
        route.fetch()
        return route.abort()

    alice.route("**/trigger_private*", lose_the_first_answer)
    alice.get_by_role("button", name="Invite for 90").click()
    expect(alice.locator("#held")).to_have_text("90")
    expect(alice.locator("#problem")).to_be_empty()
    assert len(keys) == 2
    assert keys[0] == keys[1] is not None
    expect(alice.locator("#held")).to_have_text("90")
    alice.unroute_all(behavior="wait")


def test_another_price_than_the_page_shows_is_told_and_nothing_is_paid_D30(live: Live) -> None:
    alice = live.open("alice")

    def show_an_old_price(route: Route) -> None:
        if route.request.method != "GET":
            return route.continue_()
        response = route.fetch()
        return route.fulfill(response=response, json={**response.json(), "amount": 80})

    alice.route("**/trigger_private*", show_an_old_price)
    alice.get_by_label("60 s", exact=True).check()
    alice.get_by_label("90 s", exact=True).check()
    alice.get_by_role("button", name="Invite for 80").click()
    expect(alice.get_by_role("alert")).to_contain_text("The price is 90 now. Nothing has happened")
    expect(alice.locator("#held")).to_have_text("0")
    alice.unroute_all(behavior="wait")


@pytest.mark.parametrize(
    ("event", "payload", "words"),
    [
        ("invitation.lapsed", {"reason": "insufficient_balance"}, "nothing came of it: your balance did not cover"),
        ("invitation.lapsed", {"reason": "a_new_one"}, "nothing came of it: a_new_one"),
        ("goal.settled", {"state": "released", "total": None}, "released, many holds in all"),
    ],
)
def test_an_event_is_said_in_words_D34(live: Live, event: str, payload: dict[str, object], words: str) -> None:
    said = "([event, payload]) => import('/static/story.js').then(story => story.said(event, payload))"
    assert live.open("alice").evaluate(said, [event, payload]).startswith(words)


def test_the_page_fits_a_phone_and_each_control_has_a_name(live: Live) -> None:
    for person in ("sid", "alice"):
        page = live.open(person, width=340)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), person
        assert page.evaluate(
            "[...document.querySelectorAll('button, input')].every(one => one.textContent || one.labels?.length)"
        )
        assert page.locator("h1").count() == 1


@pytest.mark.parametrize("size", [(1500, 950), (390, 844)], ids=["desktop", "phone"])
def test_no_page_breaks_a_rule_of_accessibility_N15(live: Live, size: tuple[int, int]) -> None:
    for person in ("sid", "alice"):
        assert violations(live.open(person, width=size[0])) == []
    assert violations(everybody(live, *size)) == []


@pytest.mark.parametrize("width", [1500, 390], ids=["desktop", "phone"])
def test_nor_does_one_at_any_moment_of_an_invitation_N15(live: Live, width: int) -> None:
    pages = sid, alice = live.open("sid", width=width), live.open("alice", width=width)
    for page, button in (
        (alice, "Invite for 90"),
        (sid, "Agree"),
        (sid, "Start the show"),
        (sid, "Back to the preview"),
    ):
        page.get_by_role("button", name=button).click()
        assert [violations(page) for page in pages] == [[], []], button


def test_each_page_has_an_icon(live: Live) -> None:
    page = everybody(live, 1500, 950)
    for person in ("", "as/sid/"):
        page.goto(f"{live.address}/{person}")
        assert page.evaluate("fetch(document.querySelector('link[rel=icon]').href).then(icon => icon.ok)")


def test_each_frame_shows_its_whole_list_of_events_N15(live: Live) -> None:
    page = everybody(live, 1500, 950)
    sid, alice = (page.frame_locator(f"iframe[title={name}]") for name in ("Sid", "Alice"))
    for _ in range(2):
        alice.get_by_role("button", name="Invite for 90").click()
        sid.get_by_role("button", name="Agree").click()
        expect(alice.locator("#story")).to_contain_text("Your 90 are back")
    expect(alice.locator("#heard li")).to_have_count(6)
    _, *frames = page.frames
    for width, height in (1500, 950), (390, 844):
        page.set_viewport_size({"width": width, "height": height})
        hidden = "document.documentElement.scrollHeight - innerHeight"
        assert [frame.evaluate(hidden) for frame in frames] == [0, 0, 0], width


def everybody(live: Live, width: int, height: int) -> Page:
    page = live.browser.new_context(viewport={"width": width, "height": height}).new_page()
    page.goto(live.address)
    return page


def violations(page: Page) -> list[str]:
    """By axe, of the page and its frames."""
    axe = files("axe_playwright_python").joinpath("axe.min.js").read_text()
    for frame in page.frames:
        frame.evaluate(axe)
    found = page.evaluate("axe.run()")["violations"]
    return [f"{one['id']}: {node['html']}" for one in found for node in one["nodes"]]


def test_everybody_side_by_side(live: Live) -> None:
    page = everybody(live, 1280, 900)
    for name in ("Sid", "Alice", "Bob"):
        frame = page.frame_locator(f"iframe[title={name}]")
        expect(frame.get_by_role("heading", level=1)).to_have_text(name)
        expect(frame.locator("#connection")).to_have_text("live")
