"""What is wrong with an installation: every dependency looked at, side by side, within a few seconds.

May import core, ports and adapters; nothing else of the command line.
"""

from .checks import checks_of
from .examination import Examined, Finding, Status, examine

__all__ = ["Examined", "Finding", "Status", "checks_of", "examine"]
