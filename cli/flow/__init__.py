"""The flow as it is registered in a container: who triggers which task, sends which signal, hears it, tells whom.

``flow_of(container)`` reads it, and the other modules draw it. Nothing of it is kept by hand.

May import core, ports, adapters and the demo.
"""

from .mermaid import mermaid
from .model import Flow
from .reading import flow_of
from .svg import svg

__all__ = ["Flow", "flow_of", "mermaid", "svg"]
