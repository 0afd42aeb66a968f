"""The page as a picture that is text: its own markup and style in an SVG. ``python -m tests.examples.live.picture``."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from examples.live.cast import PEOPLE

from .conftest import Live, chromium, in_memory, served

ROOT = Path(__file__).parents[3]
PICTURE = ROOT / "docs" / "live.svg"
STYLE = ROOT / "examples" / "live" / "static" / "live.css"
WIDTH, HEIGHT, GAP = 400, 560, 12

_MARKUP = """() => {
  document.querySelectorAll("script, #heard-title, #heard, [hidden], #problem").forEach((one) => one.remove());
  const left = document.getElementById("left");
  if (left) [left.textContent, document.getElementById("bar").value] = ["58 s", 0.97];
  const chosen = document.querySelectorAll("input:checked, option:checked");
  for (const one of document.querySelectorAll("[checked], [selected]")) {
    one.removeAttribute("checked");
    one.removeAttribute("selected");
  }
  chosen.forEach((one) => one.setAttribute(one.tagName === "OPTION" ? "selected" : "checked", ""));
  return new XMLSerializer().serializeToString(document.body);
}"""


def drawn(live: Live) -> str:
    """Alice has invited, Bob has joined, Sid is asked."""
    pages = {name: live.open(name) for name in PEOPLE}
    pages["alice"].get_by_role("button", name="Invite for 90").click()
    pages["bob"].get_by_role("button", name="Join for 90").click()
    expect(pages["sid"].locator("#story")).to_have_text("You are invited to a private show. Agree?")
    expect(pages["sid"].locator("#escrow")).to_have_text("180 (2 viewers)")
    for viewer in ("alice", "bob"):
        expect(pages[viewer].locator("#held")).to_have_text("90")
        expect(pages[viewer].locator("#go")).to_have_text("Invited")
    return _svg([_markup(page) for page in pages.values()])


def _markup(page: Page) -> str:
    body = str(page.evaluate(_MARKUP))
    return "\n".join(line.strip() for line in body.splitlines() if line.strip())


def _svg(bodies: list[str]) -> str:
    width = len(bodies) * (WIDTH + GAP) - GAP
    style = STYLE.read_text().replace("\nbody {", "\nsvg, body {").replace(":root {", ":root, svg {")
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" width="{width}" height="{HEIGHT}">',
        "<title>Sid is asked, Alice has invited, Bob has joined</title>",
        f"<style>{style}</style>",
    ]
    for place, body in enumerate(bodies):
        frame = f'x="{place * (WIDTH + GAP)}" width="{WIDTH}" height="{HEIGHT}"'
        parts += [f'<rect {frame} rx="16" fill="var(--ground)"/>', f"<foreignObject {frame}>{body}</foreignObject>"]
    return "\n".join([*parts, "</svg>\n"])


if __name__ == "__main__":
    with chromium() as browser, in_memory() as (app, cut_off), served(app) as address:
        PICTURE.write_text(drawn(Live(address=address, browser=browser, cut_off=cut_off)))
