"""The flow as a container has it registered: requests, tasks, signals with their receivers, events and channels.

``flow_of(container)`` reads it; the other modules draw it. May import core, ports, adapters, the demo and
``cli.terminal``.
"""

from .mermaid import mermaid
from .model import Flow, flow_of

__all__ = ["Flow", "flow_of", "mermaid"]
