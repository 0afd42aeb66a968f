"""The people on the page, and the money they begin with."""

from __future__ import annotations

from attrs import frozen

from show_goal.core.model import Viewer

SESSION = "5e5500000000000000000001"
PRICING = {"sd": 60}
PREVIEW = "preview"


@frozen(kw_only=True)
class Person:
    name: str
    id: str
    money: int = 0

    @property
    def viewer(self) -> Viewer:
        return Viewer(id=self.id)


SID = Person(name="Sid", id="51d000000000000000000001")
VIEWERS = (
    Person(name="Alice", id="a11ce0000000000000000001", money=400),
    Person(name="Bob", id="b0b000000000000000000001", money=250),
)
PEOPLE = {person.name.lower(): person for person in (SID, *VIEWERS)}
"""By the name in the URL."""
