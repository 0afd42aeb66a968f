"""The measurements of the fault tests, one line of JSON each. The table in docs/reliability.md is made from them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from attrs import asdict, define, field, frozen

from .crowd import Answer, Audit

MEASURED = Path(__file__).parents[2] / ".cache" / "chaos.jsonl"
ANSWER_WITHIN = 3.0
"""Seconds within which the route must respond, even if a server is dead or hangs (D27)."""


@frozen(kw_only=True)
class Row:
    """``answered`` and ``recovered`` are the slowest, in seconds; ``answers`` counts statuses during the fault."""

    test: str
    fault: str
    answers: dict[str, int]
    answered: float
    recovered: float
    recovers_within: float
    accepted: int
    released: int
    refunded: int
    lost: int
    double: int


@define
class Measure:
    """Checks what must hold after every fault, and stores the measurements."""

    test: str
    row: Row | None = field(default=None, init=False)

    @property
    def statuses(self) -> set[str]:
        """The statuses of responses during the fault."""
        return set(self.row.answers) if self.row else set()

    def __call__(self, fault: str, answers: Sequence[Answer], *, recovered: float, within: float, audit: Audit) -> None:
        """``answers`` are the responses to requests sent during the fault."""
        assert [answer for answer in answers if not answer.in_order] == []
        assert audit.clean, audit
        assert audit.released + audit.refunded >= audit.accepted > 0
        row = Row(
            test=self.test,
            fault=fault,
            answers=dict(Counter(str(answer.status) for answer in answers)),
            answered=round(max((answer.seconds for answer in answers), default=0), 2),
            recovered=round(recovered, 1),
            recovers_within=within,
            accepted=audit.accepted,
            released=audit.released,
            refunded=audit.refunded,
            lost=len(audit.lost),
            double=len(audit.double),
        )
        assert row.answered <= ANSWER_WITHIN, row
        assert row.recovered <= within, row
        self.row = row
        MEASURED.parent.mkdir(exist_ok=True)
        with MEASURED.open("a") as file:
            file.write(json.dumps(asdict(row)) + "\n")


def measured(file: Path = MEASURED) -> list[Row]:
    return [Row(**json.loads(line)) for line in file.read_text().splitlines()]
