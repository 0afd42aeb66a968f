"""Viewers, streamers, workers, the sweeper, the network, the clock: each action of a plan, carried out.

Every action returns what to write into the trace. Its numbers choose among what is there at that moment.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from attrs import asdict

from ...core.errors import Refused, ShowRunning
from ...core.messages import DeactivateGoal, Sweep
from ...core.model import Session, Viewer
from ...core.names import PRESET_PREVIEW, PRESET_SD
from ...core.tasks.sweep import Swept
from ...core.trace import describe
from ...ports.errors import Unavailable
from .calls import Crash, Frame
from .invariants import after_a_sweep, promise
from .neighbours import Neighbours, Wish
from .network import InFlight
from .plan import Action, pick
from .records import Promise
from .world import World

IDLE = "nothing is due"
NO_GOAL = "no goal yet"
SHOW = "an invitation is 403 while a show is running, and not for that otherwise (D12, L5)"
UNEXPECTED = "nothing is raised but refusals and Unavailable"

TTLS = (5, 30, 60, 150, 300)
DURATIONS = (1, 10, 30, 45, 60)
WAITS = (0.2, 1, 3, 7, 15, 31, 61)
DELAYS = (1, 10, 40, 120)
JUMPS = (-3, -1, 200, 600, 7200)


class Actors:
    def __init__(self, world: World) -> None:
        self._world = world
        self._records, self._network = world.records, world.network
        self._use = world.container
        self._neighbours = Neighbours(world)
        world.calls.interrupt = self.perform

    def perform(self, action: Action) -> str:
        """Carry out one action to its end, a crash included; what is raised is part of what happened."""
        act: Callable[[int, int, int], str] = getattr(self, f"_{action.kind}")
        frame = self._world.calls.begin(action, self._world.clock.now())
        try:
            outcome = act(*action.numbers)
        except Crash:
            outcome = "crashed"
        finally:
            self._world.calls.end()
        return "; ".join([f"{action.kind}: {outcome}", *frame.struck])

    # Viewers

    def _invite(self, viewer: int, session: int, how: int) -> str:
        world = self._world
        return self._post(
            pick(world.viewers, viewer), pick(world.sessions, session), pick(TTLS, how), pick(DURATIONS, how // 7)
        )

    def _retry(self, which: int, ttl: int, _: int) -> str:
        """The viewer's phone sends one of the last invitations once more."""
        promises = list(self._records.promises.values())[-4:]
        if not promises:
            return "nobody was accepted yet"
        last = pick(promises, which)
        session = next(s for s in self._world.all_sessions if s.id == last.session_id)
        return self._post(Viewer(id=last.viewer_id), session, pick(TTLS, ttl), last.duration)

    def _post(self, viewer: Viewer, session: Session, ttl: int, duration: int) -> str:
        body = {"exp": int(self._world.clock.now().timestamp()) + ttl, "duration": duration}
        said = f"{viewer.id} into {session.id} for {ttl} s, {duration} s of show"
        try:
            accepted = self._use.trigger_private_session()(session.id, viewer, body)
        except Exception as error:
            if isinstance(error, ShowRunning):
                self._shown(session, running=True)
            return f"{said}: {self._raised(error)}"
        self._shown(session, running=False)
        made = Promise(accepted.transaction_id, accepted.goal_id, session.id, viewer.id, duration)
        self._records.promises[made.transaction_id] = made
        self._records.goal(made.goal_id)
        return f"{said}: 202, goal {accepted.goal_id}"

    def _shown(self, session: Session, *, running: bool) -> None:
        """What the answer says of shows was so at some time since the request began."""
        if running not in self._records.sessions[session.id].running.since(self._world.calls.frames[-1].started):
            self._records.broken(SHOW, f"session {session.id} answered as if a show were running: {running}")

    def _preview(self, viewer: int, session: int, how: int) -> str:
        world = self._world
        asker, asked = pick(world.viewers, viewer), pick(world.sessions, session)
        return self._ask(lambda: self._use.preview_trigger_private()(asked.id, asker, pick(DURATIONS, how)))

    # Streamers

    def _answer(self, which: int, agree: int, _: int) -> str:
        goals = [goal for goal in self._records.goals.values() if goal.private]
        if not goals:
            return NO_GOAL
        goal = pick(goals[-3:], which)
        streamer = Viewer(id=self._records.sessions[goal.session_id or ""].streamer_id)
        yes = agree % 4 > 0
        said = self._ask(lambda: self._use.answer_goal()(goal.id, streamer, {"agree": yes}))
        return f"goal {goal.id}, {yes}: {said}"

    def _switch_preset(self, who: int, preset: int, _: int) -> str:
        streamer, to = pick(self._world.streamers, who), PRESET_SD if preset % 4 else PRESET_PREVIEW
        return f"{streamer.id} to {to}: " + self._ask(lambda: self._use.switch_preset()(streamer, to))

    def _end_session(self, who: int, _: int, __: int) -> str:
        """The streamer ends the session, and starts again."""
        session = pick(self._world.sessions, who)
        begun = self._world.start_again(session)
        return f"{session.id} ends, {begun.id} begins"

    # The host, with goals of neighbouring classes

    def _create(self, which: int, session: int, how: int) -> str:
        return self._of_host(self._neighbours.create(which, session, how))

    def _pay(self, which: int, viewer: int, how: int) -> str:
        return self._of_host(self._neighbours.pay(which, viewer, how))

    def _finish(self, which: int, how: int, _: int) -> str:
        return self._of_host(self._neighbours.finish(which, how, _))

    def _overtake(self, _: int, __: int, ___: int) -> str:
        """Another worker ends the goal that one is busy with, whatever its class."""
        at_work = [one.letter for one in self._network.in_flight if one.running]
        goal_id = getattr(at_work[-1], "goal_id", None) if at_work else None
        if goal_id is None:
            return IDLE
        self._network.send(DeactivateGoal(goal_id=goal_id))
        return self.deliver(self._network.in_flight[-1])

    def _of_host(self, wish: Wish | None) -> str:
        return NO_GOAL if wish is None else f"{wish[0]}: {self._ask(wish[1])}"

    # Workers and the sweeper

    def _work(self, which: int, _: int, __: int) -> str:
        """A worker takes any message that is due."""
        due = self._network.due()
        return self.deliver(pick(due, which)) if due else IDLE

    def _drain(self, _: int, __: int, ___: int) -> str:
        """Workers keep up: what is due runs, the longest due first, and what that sets off."""
        ran = []
        for _ in range(MOST_AT_ONCE):
            due = self._network.due()
            if not due:
                break
            ran.append(self.deliver(min(due, key=lambda one: one.due)))
        return "; ".join(ran) or IDLE

    def deliver(self, one: InFlight) -> str:
        said = f"{one.letter.name} {getattr(one.letter, 'goal_id', '')}".rstrip()
        return f"{said}: " + self._ask(lambda: self._world.worker.run(one))

    def _sweep(self, _: int, __: int, ___: int) -> str:
        made = self._world.calls.frames[-1]
        try:
            swept = self._world.tasks[Sweep](Sweep())
        except Exception as error:
            return self._raised(error)
        if isinstance(swept, Swept) and self._undisturbed(made):
            for sentence in after_a_sweep(self._world, swept):
                self._records.broken(promise(after_a_sweep), sentence)
        counts = asdict(swept) if isinstance(swept, Swept) else {}
        return ", ".join(f"{count} {what}" for what, count in counts.items() if count) or IDLE

    def _undisturbed(self, frame: Frame) -> bool:
        return not frame.struck and len(self._world.calls.frames) == 1

    # The network and the clock

    def _duplicate(self, which: int, _: int, __: int) -> str:
        """Any message that there ever was comes once more."""
        if not self._network.ever:
            return "no message yet"
        one = pick(self._network.ever[-40:], which)
        self._network.send(one.letter)
        return one.letter.name

    def _delay(self, which: int, by: int, _: int) -> str:
        waiting = self._network.waiting()
        if not waiting:
            return "no message"
        one = pick(waiting, which)
        one.due = max(one.due, self._world.clock.now()) + timedelta(seconds=pick(DELAYS, by))
        return f"{one.letter.name} until {one.due:%H:%M:%S}"

    def _lose(self, which: int, _: int, __: int) -> str:
        waiting = self._network.waiting()
        if not waiting:
            return "no message"
        one = pick(waiting, which)
        self._network.lose(one)
        return f"{one.letter.name} {getattr(one.letter, 'goal_id', '')}"

    def _lose_everything(self, _: int, __: int, ___: int) -> str:
        return f"{self._network.lose_everything()} messages"

    def _wait(self, how: int, _: int, __: int) -> str:
        return self._advance(pick(WAITS, how))

    def _jump(self, how: int, _: int, __: int) -> str:
        return self._advance(pick(JUMPS, how))

    def _advance(self, seconds: float) -> str:
        self._world.advance(timedelta(seconds=seconds))
        return f"{seconds} s, {self._world.clock.now():%H:%M:%S}"

    # What was raised

    def _ask(self, use_case: Callable[[], object]) -> str:
        try:
            use_case()
        except Exception as error:
            return self._raised(error)
        return "done"

    def _raised(self, error: Exception) -> str:
        """What may be raised, in words; what may not be is a breach."""
        unexpected = error.split((Refused, Unavailable))[1] if isinstance(error, ExceptionGroup) else error
        if unexpected is not None and not isinstance(unexpected, (Refused, Unavailable)):
            self._records.broken(UNEXPECTED, describe(unexpected))
        return f"refused, {error.reason}" if isinstance(error, Refused) else f"failed, {describe(error)}"


MOST_AT_ONCE = 50
