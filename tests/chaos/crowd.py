"""Many viewers who invite, some of them again and again, and an audit of their money at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Event, Thread
from time import monotonic
from typing import Self

import requests
from attrs import define, evolve, field, frozen

from show_goal.core.money import Balance, Hold, HoldState
from show_goal.core.names import escrow_id, transaction_id
from show_goal.ports.wallet import whole_escrow

from ..black_box.platform import Platform, insert_session
from ..servers import wait_until

BALANCE = 1_000
PRICE = 90
SENDERS = 3
PAUSE = 0.2
"""Seconds between two requests of one sender."""
TIME_TO_ANSWER = 600
"""Seconds until an invitation's exp: longer than every fault, so that no goal expires."""


@frozen
class Answer:
    """The response to one request. ``asked`` is monotonic time in seconds; status 0 means no response."""

    asked: float
    seconds: float
    status: int
    text: str
    retry_after: str | None
    goal_id: str | None

    @property
    def in_order(self) -> bool:
        """Whether it is a success, or a 503 that says when to retry (D27)."""
        return self.status in (200, 202) or (self.status == 503 and (self.retry_after or "").isdigit())


@frozen
class Audit:
    """``lost``: accepted but not held. ``double``: an account with more or less than one end of each hold explains."""

    accepted: int
    released: int
    refunded: int
    lost: Sequence[str]
    double: Sequence[str]
    problems: Sequence[str]

    @classmethod
    def together(cls, audits: Sequence[Self]) -> Self:
        return cls(
            accepted=sum(audit.accepted for audit in audits),
            released=sum(audit.released for audit in audits),
            refunded=sum(audit.refunded for audit in audits),
            lost=[text for audit in audits for text in audit.lost],
            double=[text for audit in audits for text in audit.double],
            problems=[text for audit in audits for text in audit.problems],
        )

    @property
    def clean(self) -> bool:
        return not (self.lost or self.double or self.problems)


def ask(send: Callable[[], requests.Response]) -> Answer:
    asked = monotonic()
    try:
        response = send()
    except requests.RequestException as error:
        return Answer(asked, monotonic() - asked, 0, str(error), None, None)
    seconds = monotonic() - asked
    goal_id = response.json().get("goal_id") if response.ok else None
    return Answer(asked, seconds, response.status_code, response.text, response.headers.get("Retry-After"), goal_id)


@define(eq=False)
class Guest:
    """One viewer at one session.

    An impatient guest repeats the invitation again and again, and must be charged once. The others stop when they are
    accepted, so that no retry hides a lost message.
    """

    platform: Platform
    viewer_id: str
    impatient: bool
    answers: list[Answer] = field(factory=list)

    def invite(self) -> None:
        self.answers.append(ask(lambda: self.platform.invite(self.viewer_id, seconds=TIME_TO_ANSWER)))

    @property
    def goals(self) -> set[str]:
        """The goals into which this guest was accepted. There should be one."""
        return {answer.goal_id for answer in self.answers if answer.goal_id}

    @property
    def wants(self) -> bool:
        return self.impatient or not self.goals

    def accepted_since(self, moment: float) -> bool:
        """Whether a request after ``moment`` was accepted. True for a guest who no longer asks."""
        return not self.wants or any(answer.status == 202 and answer.asked > moment for answer in self.answers)

    def has_paid(self) -> bool:
        """Whether the money is held and counts as progress, and the goal is bound to its session."""
        bound = {str(element["goal"]) for element in self.platform.session()["trigger_private_goals"]}
        return self.goals <= bound and all(self.platform.counts(goal_id, self.viewer_id) for goal_id in self.goals)

    def is_settled(self) -> bool:
        return self.platform.wallet().balance(self.viewer_id).held == 0


class Crowd:
    """``viewers`` guests at each of ``sessions`` new sessions. Every other guest is impatient, unless ``patient``."""

    def __init__(self, platform: Platform, sessions: int = 6, viewers: int = 3, patient: bool = False) -> None:
        self.sessions = [_another_session(platform) for _ in range(sessions)]
        self.guests = [
            Guest(session, session.add_viewer(BALANCE), impatient=not patient and (place + number) % 2 == 0)
            for place, session in enumerate(self.sessions)
            for number in range(viewers)
        ]
        self.platform = platform

    @property
    def answers(self) -> list[Answer]:
        return [answer for guest in self.guests for answer in list(guest.answers)]

    def answers_since(self, moment: float) -> list[Answer]:
        return [answer for answer in self.answers if answer.asked > moment]

    @contextmanager
    def inviting(self) -> Iterator[None]:
        """The guests invite in turn until the block ends."""
        stop = Event()
        senders = [Thread(target=_invite, args=(self.guests[n::SENDERS], stop)) for n in range(SENDERS)]
        for sender in senders:
            sender.start()
        try:
            yield
        finally:
            stop.set()
            for sender in senders:
                sender.join()

    def wait_for_answers(self, count: int, since: float = 0) -> None:
        wait_until(lambda: len(self.answers_since(since)) >= count, 60, f"{count} responses")

    def wait_until_accepted(self, since: float, deadline: float) -> None:
        self._wait_for_each(lambda guest: guest.accepted_since(since), deadline, "accepted")

    def wait_until_paid(self, deadline: float) -> None:
        self._wait_for_each(Guest.has_paid, deadline, "paid")

    def wait_until_settled(self, deadline: float) -> None:
        self._wait_for_each(Guest.is_settled, deadline, "settled")

    def answer_goals(self) -> list[Answer]:
        """Every other streamer agrees and begins, the others refuse."""
        answers = []
        for number, session in enumerate(self.sessions):
            agree = number % 2 == 0
            answers += [ask(partial(session.answer, goal_id, agree=agree)) for goal_id in self._goals_of(session)]
            answers += [ask(partial(session.switch_preset, "sd"))] if agree else []
        assert {answer.status for answer in answers} == {200, 202}, answers
        return answers

    def audit(self) -> Audit:
        """Check every account of the crowd, and ask the wallet for its audit of all accounts (L6)."""
        wallet = self.platform.wallet()
        ends: Counter[HoldState] = Counter()
        lost, double = list[str](), list[str]()
        for guest in self.guests:
            holds = [one for one in wallet.history(guest.viewer_id, 100) if isinstance(one, Hold)]
            ends.update(hold.state for hold in holds)
            promised = {transaction_id(goal_id, guest.viewer_id) for goal_id in guest.goals}
            lost += sorted(promised - {hold.transaction_id for hold in holds})
            spent = sum(hold.amount for hold in holds if hold.state is HoldState.RELEASED)
            if len(holds) > 1 or wallet.balance(guest.viewer_id) != Balance(available=BALANCE - spent):
                double.append(f"viewer {guest.viewer_id}: {wallet.balance(guest.viewer_id)}, {holds}")
        for session in self.sessions:
            holds = [hold for goal_id in self._goals_of(session) for hold in whole_escrow(wallet, escrow_id(goal_id))]
            earned = sum(hold.amount for hold in holds if hold.state is HoldState.RELEASED)
            if wallet.balance(session.streamer_id) != Balance(available=earned):
                double.append(f"streamer {session.streamer_id}: {wallet.balance(session.streamer_id)}, {holds}")
        return Audit(
            accepted=sum(len(guest.goals) for guest in self.guests),
            released=ends[HoldState.RELEASED],
            refunded=ends[HoldState.REFUNDED],
            lost=lost,
            double=double,
            problems=wallet.audit(datetime.now(UTC) + timedelta(days=1)).problems,
        )

    def _goals_of(self, session: Platform) -> set[str]:
        return {goal for guest in self.guests if guest.platform is session for goal in guest.goals}

    def _wait_for_each(self, condition: Callable[[Guest], bool], deadline: float, what: str) -> None:
        waiting = list(self.guests)

        def nobody_waits() -> bool:
            while waiting and condition(waiting[-1]):
                waiting.pop()
            return not waiting

        try:
            wait_until(nobody_waits, deadline)
        except TimeoutError:
            last = [f"{guest.viewer_id}: {guest.answers[-1:]}" for guest in waiting]
            raise TimeoutError(f"after {deadline:g} s not {what}: {last}") from None


def _another_session(platform: Platform) -> Platform:
    session = insert_session(platform.database)
    return evolve(platform, streamer_id=session.streamer_id, session_id=session.session_id)


def _invite(guests: Sequence[Guest], stop: Event) -> None:
    while wanting := [guest for guest in guests if guest.wants]:
        for guest in wanting:
            if stop.wait(PAUSE):
                return
            guest.invite()
