"""Two guards of a host's own: no private shows for some countries, and a limit for each viewer.

Services: none.
Install:  pip install .
Run:      python examples/host_guards.py
"""

from __future__ import annotations

from datetime import datetime

from show_goal.adapters.container import Container
from show_goal.adapters.memory import MemoryClock, MemorySessions, MemoryWallet
from show_goal.core.errors import HostRefusal
from show_goal.core.model import Invitation, Session, Viewer

COUNTRIES_WITHOUT_SHOWS = {"XX", "YY"}


class CountryBlocked(HostRefusal):
    """Private shows are not offered where the viewer is."""

    code = reason = "country_blocked"
    detail = "Private shows are not offered in your country."


class TooLong(HostRefusal):
    """The viewer's limit is shorter."""

    code = reason = "too_long_for_you"
    detail = "Your limit for a private show is shorter."


def no_blocked_country(viewer: Viewer, session: Session, duration: int, now: datetime) -> CountryBlocked | None:
    """The login puts one tag ``country:XX`` on each viewer. Who has none, or two, is refused: a guard must know."""
    countries = [tag.removeprefix("country:") for tag in viewer.tags if tag.startswith("country:")]
    allowed = len(countries) == 1 and countries[0] not in COUNTRIES_WITHOUT_SHOWS
    return None if allowed else CountryBlocked()


def within_the_viewers_limit(viewer: Viewer, session: Session, duration: int, now: datetime) -> TooLong | None:
    """A tag ``limit:60`` allows a viewer 60 seconds at a time. A limit that cannot be read allows nothing."""
    limits = [tag.removeprefix("limit:") for tag in viewer.tags if tag.startswith("limit:")]
    return None if all(limit.isdecimal() and duration <= int(limit) for limit in limits) else TooLong()


def main() -> None:
    clock, sessions, wallet = MemoryClock(), MemorySessions(), MemoryWallet()
    container = Container.in_memory(
        clock=clock,
        sessions=sessions,
        wallet=wallet,
        host_guards=[no_blocked_country, within_the_viewers_limit],
    )
    session = sessions.add(
        Session(id="5e5500000000000000000001", streamer_id="57e000000000000000000001", pricing={"sd": 60})
    )
    wallet.credit("71e000000000000000000001", 90)
    viewers = {
        "from ZZ": ["country:ZZ"],
        "from XX": ["country:XX"],
        "from nowhere": [],
        "from ZZ, limit 60 s": ["country:ZZ", "limit:60"],
    }
    for words, tags in viewers.items():
        viewer = Viewer(id="71e000000000000000000001", tags=frozenset(tags))
        seen = container.preview_trigger_private()(session.id, viewer, 90)
        print(f"{words}: {seen.refusal.code if seen.refusal else f'may invite for {seen.amount}'}")

    invitation = Invitation(exp=int(clock.now().timestamp()) + 300, duration=60)
    limited = Viewer(id="71e000000000000000000001", tags=frozenset(["country:ZZ", "limit:60"]))
    accepted = container.trigger_private_session()(session.id, limited, invitation)
    print(f"60 s are within the limit: accepted for {accepted.amount}")


if __name__ == "__main__":
    main()
