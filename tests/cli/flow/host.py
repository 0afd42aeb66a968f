"""A monolith's wiring: its own namespace of signals, and its own ears in it."""

from __future__ import annotations

from blinker import Namespace

from show_goal.adapters.container import Container


def count_progress(_: str, **__: object) -> None: ...


def mail_the_streamer(_: str, **__: object) -> None: ...


def make_container() -> Container:
    namespace = Namespace()
    namespace.signal("features.leaderboards").connect(count_progress, sender="goal.progressed")
    namespace.signal("user").connect(mail_the_streamer, sender="balance.incremented")
    return Container.in_memory(namespace=namespace)


container = make_container()
