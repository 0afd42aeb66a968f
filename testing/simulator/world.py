"""One platform, as the plan's weather has it: the container on ports that misbehave, and all that watches them."""

from __future__ import annotations

from datetime import timedelta

from attrs import evolve

from ...adapters.container import Container
from ...adapters.memory import MemoryClock, MemoryIds
from ...core.errors import Refused
from ...core.messages import CreateGoal, Transfer
from ...core.model import Hold, Session, Viewer
from ...core.names import PRESET_PREVIEW, PRESET_SD
from .announcements import Announcements
from .calls import PORTS, Calls
from .host import Host
from .ledger import Ledger
from .network import InFlight, Network, WalletReport
from .places import Places
from .plan import Weather
from .records import Records
from .snapshots import Snapshots
from .watching import Watch

PRICING = {PRESET_SD: 60, PRESET_PREVIEW: 0}
"""One unit a second."""


class World:
    def __init__(self, seed: int, weather: Weather, host: Host) -> None:
        self.weather = weather
        self.host = host
        self.settings = host.settings
        self.clock = MemoryClock()
        self.calls = Calls()
        self.records = Records(self.calls, self.clock.now)
        self.network = Network(self.clock, self.records.lose)
        self.ledger = Ledger(self.records, self._reported)
        self.places = Places(self.records)
        self.snapshots = Snapshots(self.records)
        self.adapters = {**host.adapters(self.clock), "task_queue": self.network}
        """The ports as they are, for whoever only looks."""
        self.container = self._container(seed)
        host.connect(self.container)
        self.tasks = self.container.tasks()
        self.worker = host.worker(self.network, self._carry_out, gives_up=weather.loses)
        self.all_sessions: list[Session] = []
        self._session_ids = MemoryIds("5e55")
        self.neighbour_ids = MemoryIds("4e19")
        self.viewers = [Viewer(id=f"71e0{number:020x}") for number in range(1, weather.viewers + 1)]
        self.streamers = [Viewer(id=f"57e0{number:020x}") for number in range(1, weather.sessions + 1)]
        self.sessions = [self.new_session(streamer) for streamer in self.streamers]
        """The latest session of each streamer."""
        self.beginning = self.clock.now() - timedelta(days=1)
        """Before anything could be overdue, wherever the clock jumps."""
        self.credited = weather.credit * weather.viewers
        for viewer in self.viewers:
            host.credit(self.adapters, viewer.id, weather.credit)
            self.ledger.credit(viewer.id, weather.credit)

    def _container(self, seed: int) -> Container:
        watchers = (Watch(self.records), self.places, self.snapshots, self.ledger, Announcements(self.records))
        ports = {name: self.calls.wrap(name, self.adapters[name], watchers) for name in PORTS}
        if self.weather.calls_back:
            ports["wallet"].calls_back = True
        return Container.in_memory(
            clock=self.clock,
            ids=MemoryIds(f"{seed % 0x1_0000_0000:08x}"),
            settings=self.settings,
            trace_sink=lambda _: None,
            **ports,
        )

    def new_session(self, streamer: Viewer) -> Session:
        """The streamer goes live."""
        session = Session(id=self._session_ids.new(), streamer_id=streamer.id, preset=PRESET_PREVIEW, pricing=PRICING)
        self.host.put_session(self.adapters, session)
        self.records.add_session(session)
        self.all_sessions.append(session)
        return session

    def start_again(self, session: Session) -> Session:
        """The streamer ends the session and begins another."""
        standing = self.adapters["sessions"].fetch_active(session.id)
        self.host.put_session(self.adapters, evolve(standing, active=False))
        self.records.end_session(session.id)
        number = self.sessions.index(session)
        self.sessions[number] = self.new_session(self.streamers[number])
        return self.sessions[number]

    def advance(self, by: timedelta) -> None:
        self.clock.advance(by)
        self.records.time_moved()

    def _carry_out(self, one: InFlight) -> None:
        letter = one.letter
        try:
            if isinstance(letter, WalletReport):
                self.container.wallet_transaction()(letter.body)
            else:
                self.tasks[type(letter)](letter)
        except Refused as refused:
            one.carried = True
            if isinstance(letter, Transfer):
                self.records.refused(letter, refused)
            raise
        one.carried = True
        if isinstance(letter, CreateGoal):
            self.records.goal(letter.goal_id).created = True

    def _reported(self, hold: Hold) -> None:
        """The wallet says that money has moved, if it is one that does."""
        if self.weather.calls_back:
            body: dict[str, object] = {
                "id": hold.transaction_id,
                "ts": int(self.clock.now().timestamp()),
                "fromAccount": hold.from_user_id,
                "fromAmount": hold.amount,
                "toAccount": None,
                "toAmount": None,
                "tags": list(hold.tags),
            }
            self.network.send(WalletReport(hold.goal_id, body))
