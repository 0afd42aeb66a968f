"""The contracts as tests: one class a port, for any team to run against its own adapter.

::

    from show_goal.testing.conformance import WalletConformance, WalletUnderTest

    class TestOurWallet(WalletConformance):
        @pytest.fixture
        def under_test(self):
            wallet = OurWallet(...)
            return WalletUnderTest(wallet=wallet, credit=wallet.top_up)

There is one fixture to write, ``under_test``. It gives the adapter, fresh and empty for each test; where the suite must
put data in, or look at what was written, it gives the adapter and functions for that, because a port has no method for
it. What an adapter honestly lacks is declared in its class, as ``audits = False``, and shown as an expected failure.
docs/conformance.md shows all this, and lists the promises. Needs the extra ``testing``, and no adapter's library.

May import core, ports and pytest; no adapter.
"""

from pkgutil import iter_modules

try:
    import pytest
except ImportError as missing:
    raise ImportError("show_goal.testing.conformance needs pytest: pip install 'show-goal[testing]'") from missing

# So that a failing assertion shows the values, as it does in a test's own file. It must come before the imports.
pytest.register_assert_rewrite(*(f"{__name__}.{module.name}" for module in iter_modules(__path__)))

from .channel_authorizer import ChannelAuthorizerConformance, ChannelAuthorizerUnderTest
from .channel_cache import ChannelCacheConformance, ChannelCacheUnderTest
from .clock import ClockConformance
from .feed import FeedConformance, FeedUnderTest
from .goals import GoalsConformance
from .ids import IdsConformance, IdsUnderTest
from .notifier import NotifierConformance, NotifierUnderTest
from .promise import Conformance, Promise
from .rtc_sources import RtcSourcesConformance, RtcSourcesUnderTest
from .session_goals import SessionGoalsConformance
from .session_goals_suite import SessionGoalsUnderTest
from .sessions import SessionsConformance, SessionsUnderTest
from .task_queue import TaskQueueConformance, TaskQueueUnderTest
from .tracker import TrackerConformance, TrackerUnderTest
from .viewers import ViewersConformance, ViewersUnderTest
from .wallet import WalletConformance, WalletUnderTest

__all__ = [
    "ChannelAuthorizerConformance",
    "ChannelAuthorizerUnderTest",
    "ChannelCacheConformance",
    "ChannelCacheUnderTest",
    "ClockConformance",
    "Conformance",
    "FeedConformance",
    "FeedUnderTest",
    "GoalsConformance",
    "IdsConformance",
    "IdsUnderTest",
    "NotifierConformance",
    "NotifierUnderTest",
    "Promise",
    "RtcSourcesConformance",
    "RtcSourcesUnderTest",
    "SessionGoalsConformance",
    "SessionGoalsUnderTest",
    "SessionsConformance",
    "SessionsUnderTest",
    "TaskQueueConformance",
    "TaskQueueUnderTest",
    "TrackerConformance",
    "TrackerUnderTest",
    "ViewersConformance",
    "ViewersUnderTest",
    "WalletConformance",
    "WalletUnderTest",
]
