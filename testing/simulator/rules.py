"""Under which settlement rule a seed runs: the whole one, one for the time shown, or one that nobody would choose."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from random import Random

from attrs import frozen

from ...core.decision import Rule
from ...core.rules.settlement import Deposit, Facts, ForTimeShown, SettlementRule, Verdict, whole_once_begun

GRACES = (0, 5, 20, 60)
MINIMA = (0, 0, 1, 25)
LATER = (0, 0, 10, 45, 200)
"""How many seconds after the others a deposit is due, and after the beginning a show ends, under a random rule."""
WHY = (Rule.FOR_TIME_SHOWN, Rule.FOR_TIME_SHOWN, Rule.SHOW_BEGAN, Rule.NO_SHOW)


class RuleKind(StrEnum):
    WHOLE = "whole"
    SHOWN = "shown"
    RANDOM = "random"


@frozen
class AnyAmount:
    """Releases any part of a deposit, at any time, for any reason. All of it comes from what cannot change."""

    metered = True

    seed: int

    def __call__(self, facts: Facts, deposit: Deposit) -> Verdict:
        if facts.began is None:
            return Verdict(due=facts.due, released=0, rule=Rule.NO_SHOW)
        random = Random(f"{self.seed} {facts.agreed} {deposit.viewer_id} {deposit.amount} {deposit.duration}")
        due = facts.due + timedelta(seconds=random.choice(LATER))
        rule, released = random.choice(WHY), random.randint(0, deposit.amount)
        ends = facts.began + timedelta(seconds=random.choice(LATER))
        return Verdict(due=due, released=released if rule.earns else 0, rule=rule, ends=ends)


def rule_of(kind: RuleKind, seed: int) -> SettlementRule:
    """The rule of a seed. Grace and minimum are the seed's, too."""
    if kind is RuleKind.WHOLE:
        return whole_once_begun
    if kind is RuleKind.RANDOM:
        return AnyAmount(seed)
    random = Random(f"{kind} {seed}")
    return ForTimeShown(minimum=random.choice(MINIMA), grace=timedelta(seconds=random.choice(GRACES)))
