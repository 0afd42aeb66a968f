"""Sessions that are wrong by a tick, or by an id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import pytest
from attrs import evolve

from show_goal.adapters.memory import MemorySessions
from show_goal.core.model import Claim, Session, ViewerPass
from show_goal.ports.sessions import PresetSwitch
from show_goal.testing.conformance import SessionsConformance, SessionsUnderTest
from show_goal.testing.conformance.examples import TICK

from .breaking import WrongAdapters

WRONG = WrongAdapters()
BIND = "bind_trigger_private_goal"
END = "end_trigger_private_goal"


@WRONG.breaks("fetch_active.none", "ValueError('malformed')")
class RefusesMalformedIds(MemorySessions):
    def fetch_active(self, session_id: str) -> Session | None:
        if len(session_id) != 24:
            raise ValueError("malformed")
        return super().fetch_active(session_id)


@WRONG.breaks(
    "claim.live",
    "exp == now is not live any more",
    f"{END}.claim",
    "claim.takes",
    "claim.one",
    "unbound.late",
)
class ClaimsAreLiveAtExp(MemorySessions):
    def claim(self, session_id: str, claim: Claim, now: datetime) -> Claim | None:
        return super().claim(session_id, claim, now - TICK)


@WRONG.breaks("claim.live", "a claim is live as long as exp > now")
class ClaimsAreOverBeforeExp(MemorySessions):
    def claim(self, session_id: str, claim: Claim, now: datetime) -> Claim | None:
        return super().claim(session_id, claim, now + TICK)


@WRONG.breaks("claim.none", "KeyError('zzzz")
class ClaimsRaising(MemorySessions):
    def claim(self, session_id: str, claim: Claim, now: datetime) -> Claim | None:
        if session_id not in self._records:
            raise KeyError(session_id)
        return super().claim(session_id, claim, now)


@WRONG.breaks(f"{BIND}.live", "exp == now is over", f"{BIND}.free")
class BindsAtExp(MemorySessions):
    def bind_trigger_private_goal(self, session_id: str, claim: Claim, now: datetime) -> Session | None:
        return super().bind_trigger_private_goal(session_id, claim, now - TICK)


@WRONG.breaks(f"{BIND}.live", "a claim is live while exp > now", f"{BIND}.free")
class BindsNotUntilExp(MemorySessions):
    def bind_trigger_private_goal(self, session_id: str, claim: Claim, now: datetime) -> Session | None:
        return super().bind_trigger_private_goal(session_id, claim, now + TICK)


@WRONG.breaks(f"{BIND}.free", "no other live claim holds the session")
class BindsItsOwnClaimAlone(MemorySessions):
    @staticmethod
    def _free_for(goal_id: str, standing: Claim | None, now: datetime) -> bool:
        return standing is not None and standing.goal_id == goal_id and standing.live(now)


@WRONG.breaks(f"{BIND}.none", "KeyError('zzzz")
class BindsRaising(MemorySessions):
    def bind_trigger_private_goal(self, session_id: str, claim: Claim, now: datetime) -> Session | None:
        if session_id not in self._records:
            raise KeyError(session_id)
        return super().bind_trigger_private_goal(session_id, claim, now)


class Ending(MemorySessions):
    """Right, with what is written in methods of their own."""

    def end_trigger_private_goal(
        self, session_id: str, goal_id: str, *, ended: datetime, agreed: datetime | None
    ) -> None:
        super().end_trigger_private_goal(session_id, goal_id, ended=ended, agreed=self.agreed(agreed))
        record = self._records.get(session_id)
        if record is not None and record.session.claim is not None and record.session.claim.goal_id == goal_id:
            session = evolve(record.session, claim=self.claimed(record.session.claim, ended))
            self._records[session_id] = evolve(record, session=session)

    def agreed(self, agreed: datetime | None) -> datetime | None:
        return agreed

    def claimed(self, claim: Claim, ended: datetime) -> Claim:
        return claim


@WRONG.breaks(f"{END}.writes", "ending writes goal_ended, goal_agreed and the claim's end", f"{END}.first")
class NobodyAgrees(Ending):
    def agreed(self, agreed: datetime | None) -> datetime | None:
        return None


@WRONG.breaks(f"{END}.claim", "the claim ends at `ended` at the latest", f"{END}.first")
class ClaimsEndLater(Ending):
    def claimed(self, claim: Claim, ended: datetime) -> Claim:
        return evolve(claim, exp=ended)


@WRONG.breaks(f"{END}.missing", "ending made a claim")
class EndingMakesAClaim(MemorySessions):
    def end_trigger_private_goal(
        self, session_id: str, goal_id: str, *, ended: datetime, agreed: datetime | None
    ) -> None:
        record = self._records.get(session_id)
        if record is not None and record.session.claim is None:
            session = evolve(record.session, claim=Claim(goal_id=goal_id, exp=ended))
            self._records[session_id] = evolve(record, session=session)
        super().end_trigger_private_goal(session_id, goal_id, ended=ended, agreed=agreed)


@WRONG.breaks("unbound.late", "a claim is live while exp > now")
class UnboundAtExp(MemorySessions):
    def unbound(self, now: datetime, limit: int) -> Sequence[Session]:
        return super().unbound(now - TICK, limit)


@WRONG.breaks("unbound.late", "the session is not active")
class InactiveIsUnbound(MemorySessions):
    def unbound(self, now: datetime, limit: int) -> Sequence[Session]:
        inactive = [record.session for record in self._records.values() if not record.session.active]
        return [*super().unbound(now, limit), *inactive]


@WRONG.breaks("admit_viewers.admits", "each viewer has their own pass", "admit_viewers.at_once")
class AdmitsTheLastAlone(MemorySessions):
    def admit_viewers(self, session_id: str, viewers: Mapping[str, ViewerPass]) -> None:
        super().admit_viewers(session_id, viewers)
        record = self._records.get(session_id)
        if record is not None:
            admitted = {viewer: passed for viewer, passed in record.viewers.items() if viewer in viewers}
            self._records[session_id] = evolve(record, viewers=admitted)


@WRONG.breaks("admit_viewers.missing", "another session admitted the viewer")
class AdmitsAnywhere(MemorySessions):
    def admit_viewers(self, session_id: str, viewers: Mapping[str, ViewerPass]) -> None:
        super().admit_viewers(session_id if session_id in self._records else next(iter(self._records)), viewers)


@WRONG.breaks("switch_preset.none", "somebody else's session was switched")
class SwitchesAnySession(MemorySessions):
    def switch_preset(self, streamer_id: str, preset: str) -> PresetSwitch | None:
        active = [record.session.streamer_id for record in self._records.values() if record.session.active]
        return super().switch_preset(active[0] if active else streamer_id, preset)


@WRONG.breaks("switch_preset.switches", "it was 'sd' before")
class NothingWasBeforeTheSame(MemorySessions):
    def switch_preset(self, streamer_id: str, preset: str) -> PresetSwitch | None:
        switch = super().switch_preset(streamer_id, preset)
        return switch and evolve(switch, from_preset=None if switch.from_preset == preset else switch.from_preset)


class TestWrongSessions(SessionsConformance):
    @pytest.fixture(params=WRONG, ids=str)
    def under_test(self, request: pytest.FixtureRequest) -> SessionsUnderTest:
        sessions: MemorySessions = request.param.adapter()
        return SessionsUnderTest(
            sessions=sessions,
            store=sessions.add,
            private_goals=sessions.private_goals,
            viewers=sessions.viewers,
        )
