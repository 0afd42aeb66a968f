"""``show-goal check``: checks every dependency at once, and says what is wrong and what to do.

May import core, ports, adapters and ``cli.terminal``.
"""

from .checks import checks_of
from .running import Finding, Status, run_checks

__all__ = ["Finding", "Status", "checks_of", "run_checks"]
