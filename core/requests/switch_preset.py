"""The streamer switches the active session: ``PATCH /streams/me/preset/<preset>`` (L4)."""

from __future__ import annotations

from attrs import frozen

from ...ports.sessions import PresetSwitch, Sessions
from ..errors import NotLoggedIn, SessionNotFound
from ..events import PresetChanged
from ..model import Viewer
from ..signals import Signals
from ..trace import Tracer, require


@frozen(kw_only=True)
class SwitchPreset:
    sessions: Sessions
    signals: Signals
    tracer: Tracer

    def __call__(self, streamer: Viewer | None, preset: str) -> PresetSwitch:
        """Set the preset of the streamer's active session and send ``session.preset-changed``.

        It is what makes settlement release the money of an agreed goal (L3). Idempotent; the signal is sent each time.
        Raises NotLoggedIn, SessionNotFound; Unavailable and an ExceptionGroup of failed receivers: repeat the request.
        """
        ids = {"streamer_id": streamer.id if streamer else None, "preset": preset}
        with self.tracer.unit("switch_preset", **ids):
            streamer = require(streamer, NotLoggedIn)
            switch = require(self.sessions.switch_preset(streamer.id, preset), SessionNotFound)
            self.signals.send(
                PresetChanged(
                    streamer_id=streamer.id,
                    session_id=switch.session.id,
                    preset=preset,
                    from_preset=switch.from_preset,
                    price=switch.session.get_price(preset),
                )
            )
            return switch
