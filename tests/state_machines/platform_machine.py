"""The whole platform, with requests, deliveries, losses and time in any order (L6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar

from attrs import evolve
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from show_goal.core.errors import Refused
from show_goal.core.messages import Sweep
from show_goal.core.model import Invitation, Viewer
from show_goal.core.money import HoldState
from show_goal.core.requests.trigger_private import Accepted
from show_goal.core.rules.settlement import SettlementRule, whole_once_begun

from .platform_promises import SESSIONS, VIEWERS, OnSd, PlatformPromises, Stores

positions = st.integers(0, 1_000)
sessions = st.sampled_from(list(SESSIONS))
viewers = st.sampled_from(VIEWERS)
seldom = st.integers(0, 4).map(lambda number: number == 4)

T = TypeVar("T")


def one_of(things: Sequence[T], position: int) -> T:
    return things[position % len(things)]


class PlatformMachine(PlatformPromises):
    def __init__(self, stores: Stores, rule: SettlementRule = whole_once_begun) -> None:
        super().__init__(stores, rule)
        self.accepted: dict[str, tuple[str, str, int]] = {}
        self.with_keys: dict[str, tuple[str, str, Invitation, Accepted]] = {}

    # Requests

    @rule(viewer=viewers, session=sessions, seconds=st.sampled_from([5, 60, 300]), duration=st.integers(1, 60))
    def invite(self, viewer: str, session: str, seconds: int, duration: int) -> None:
        self._invite(viewer, session, seconds, duration)

    @precondition(lambda self: self.accepted)
    @rule(position=positions)
    def retry(self, position: int) -> None:
        """A viewer whose money is held for the ongoing goal gets the same response again (D14, D15)."""
        transaction_id = one_of(list(self.accepted), position)
        viewer, session_id, duration = self.accepted[transaction_id]
        session = self.world.container.sessions().fetch_active(session_id)
        hold = self.wallet.find(transaction_id)
        ongoing = session.ongoing_private_goal(self.world.clock.now()) if session else None
        accepted = self._invite(viewer, session_id, 60, duration)
        if ongoing and hold and (ongoing.goal_id, hold.state, hold.amount) == (hold.goal_id, HoldState.HELD, duration):
            assert accepted is not None
            assert accepted.transaction_id == transaction_id

    @rule(viewer=viewers, session=sessions, duration=st.integers(1, 60), more=st.sampled_from([0, 0, 1]))
    def invite_with_a_key_and_the_price_shown(self, viewer: str, session: str, duration: int, more: int) -> None:
        """``more`` than the price is another price (D30)."""
        exp, key = int(self.world.clock.now().timestamp()) + 60, f"key-{len(self.with_keys)}"
        invitation = Invitation(exp=exp, duration=duration, amount=duration + more)
        accepted = self._ask(viewer, session, invitation, key)
        if accepted is not None:
            assert not more
            self.with_keys[key] = viewer, session, invitation, accepted

    @precondition(lambda self: self.with_keys)
    @rule(position=positions, another_body=seldom)
    def repeat_with_its_key(self, position: int, another_body: bool) -> None:
        """Whatever has happened since (D29)."""
        key = one_of(list(self.with_keys), position)
        viewer, session, invitation, accepted = self.with_keys[key]
        if another_body:
            invitation = evolve(invitation, duration=invitation.duration + 1)
        before = len(self.broker.ever)
        again = self._trigger(viewer, session, invitation, key)
        assert again == (None if another_body else accepted)
        assert len(self.broker.ever) == before

    @precondition(lambda self: self.session_of)
    @rule(position=positions, answers=st.lists(st.booleans(), min_size=1, max_size=2))
    def answer(self, position: int, answers: list[bool]) -> None:
        """The streamer answers once, or twice before a worker runs the first."""
        goal_id = one_of(list(reversed(self.session_of)), position)
        for agree in answers:
            if not self._answer(goal_id, agree):
                return

    @rule(session=sessions, preset=st.sampled_from(["sd", "sd", "preview"]))
    def switch_preset(self, session: str, preset: str) -> None:
        try:
            self.world.switch_preset(preset, SESSIONS[session])
        except Refused:
            assert session not in self.live
            return
        times, now = self.on_sd[session], self.world.clock.now()
        showing = bool(times) and times[-1].until is None
        if showing and preset != "sd":
            times[-1].until = now
        if not showing and preset == "sd":
            times.append(OnSd(now))

    @precondition(lambda self: self.rule.metered)
    @rule(viewer=viewers, session=sessions, duration=st.integers(10, 60), seconds=st.sampled_from([1, 7, 30]))
    def show(self, viewer: str, session: str, duration: int, seconds: int) -> None:
        """A viewer invites, the streamer agrees and goes to sd, and workers keep up. It goes on for some seconds."""
        accepted = self._invite(viewer, session, 300, duration)
        if accepted is None:
            return
        self.run_due()
        self._answer(accepted.goal_id, agree=True)
        self.run_due()
        self.switch_preset(session, "sd")
        self.advance(seconds)

    @precondition(lambda self: len(self.live) > 1)
    @rule(position=positions, happens=seldom)
    def end_session(self, position: int, happens: bool) -> None:
        if not happens:
            return
        session_id = one_of(sorted(self.live), position)
        self.stores.end_session(session_id)
        self.live.remove(session_id)

    # Time and the broker

    @rule(seconds=st.sampled_from([1, 7, 30, 61, 300]))
    def advance(self, seconds: int) -> None:
        self.world.clock.advance(timedelta(seconds=seconds))

    @rule()
    def run_due(self) -> None:
        self.world.run_due(quiet=True)

    @precondition(lambda self: self.broker.queued())
    @rule(position=positions, times=st.sampled_from([1, 2]))
    def deliver_out_of_order(self, position: int, times: int) -> None:
        message = self.broker.take(position)
        for _ in range(times):
            self._deliver(message)

    @precondition(lambda self: self.broker.ever)
    @rule(position=positions)
    def deliver_an_old_message(self, position: int) -> None:
        self._deliver(one_of(self.broker.ever, position))

    @precondition(lambda self: self.broker.queued())
    @rule(position=positions)
    def lose(self, position: int) -> None:
        self.broker.take(position)

    @rule(happens=seldom)
    def lose_everything(self, happens: bool) -> None:
        if happens:
            self.broker.purge()

    @rule(down=seldom)
    def notifier_comes_and_goes(self, down: bool) -> None:
        self.notifier.down = down

    @rule()
    def sweep(self) -> None:
        self._deliver(Sweep())

    def _invite(self, viewer: str, session: str, seconds: int, duration: int) -> Accepted | None:
        exp = int(self.world.clock.now().timestamp()) + seconds
        return self._ask(viewer, session, Invitation(exp=exp, duration=duration))

    def _trigger(self, viewer: str, session: str, invitation: Invitation, key: str | None) -> Accepted | None:
        try:
            return self.world.container.trigger_private_session()(session, Viewer(id=viewer), invitation, key)
        except Refused:
            return None

    def _ask(self, viewer: str, session: str, invitation: Invitation, key: str | None = None) -> Accepted | None:
        duration, accepted = invitation.duration, self._trigger(viewer, session, invitation, key)
        if accepted is None:
            return None
        assert accepted.amount == duration, "60 a minute"
        assert session in self.live
        self.accepted[accepted.transaction_id] = (viewer, session, duration)
        assert self.session_of.setdefault(accepted.goal_id, session) == session
        return accepted

    def _answer(self, goal_id: str, agree: bool) -> bool:
        """Whether the answer was accepted."""
        try:
            self.world.container.answer_goal()(goal_id, Viewer(id=SESSIONS[self.session_of[goal_id]]), agree)
        except Refused:
            return False
        return True
