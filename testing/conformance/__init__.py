"""The contracts of the ports as tests, for any team to run against its own adapter. Each port has a suite.

::

    from show_goal.testing.conformance import WalletConformance, WalletUnderTest

    class TestOurWallet(WalletConformance):
        @pytest.fixture
        def under_test(self):
            wallet = OurWallet(...)
            return WalletUnderTest(wallet=wallet, credit=wallet.top_up)

You write one fixture, ``under_test``. It returns the adapter, new and empty for each test. If a suite must store or
read something that the port has no method for, the fixture returns the adapter and functions for that. An adapter that
cannot keep an optional promise declares it in the class, for example ``audits = False``; its tests are then expected
to fail. docs/conformance.md explains all this, and lists the promises. The kit needs the extra ``testing``, and no
adapter's library.

May import core, ports and pytest; no adapter.
"""

from pkgutil import iter_modules

try:
    import pytest
except ImportError as missing:
    raise ImportError("show_goal.testing.conformance needs pytest: pip install 'show-goal[testing]'") from missing

# Register before importing the suites, so that their failing assertions show the values.
pytest.register_assert_rewrite(*(f"{__name__}.{module.name}" for module in iter_modules(__path__)))

from .books import BooksConformance, BooksUnderTest
from .channel_authorizer import ChannelAuthorizerConformance, ChannelAuthorizerUnderTest
from .channel_cache import ChannelCacheConformance, ChannelCacheUnderTest
from .clock import ClockConformance
from .feed import FeedConformance, FeedUnderTest
from .goals import GoalsConformance
from .ids import IdsConformance, IdsUnderTest
from .journal import JournalConformance, JournalUnderTest
from .keyed_requests import KeyedRequestsConformance
from .notifier import NotifierConformance, NotifierUnderTest
from .passes import PassesConformance
from .pledges import PledgesConformance, PledgesUnderTest
from .promise import Conformance, Promise, promises_of
from .rtc_sources import RtcSourcesConformance, RtcSourcesUnderTest
from .session_goals import SessionGoalsConformance, SessionGoalsUnderTest
from .sessions import SessionsConformance
from .sessions_under_test import SessionsUnderTest
from .sweeps import SweepsConformance
from .task_queue import TaskQueueConformance, TaskQueueUnderTest
from .tracker import TrackerConformance, TrackerUnderTest
from .wallet import WalletConformance
from .wallet_under_test import WalletUnderTest

__all__ = [
    "BooksConformance",
    "BooksUnderTest",
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
    "JournalConformance",
    "JournalUnderTest",
    "KeyedRequestsConformance",
    "NotifierConformance",
    "NotifierUnderTest",
    "PassesConformance",
    "PledgesConformance",
    "PledgesUnderTest",
    "Promise",
    "RtcSourcesConformance",
    "RtcSourcesUnderTest",
    "SessionGoalsConformance",
    "SessionGoalsUnderTest",
    "SessionsConformance",
    "SessionsUnderTest",
    "SweepsConformance",
    "TaskQueueConformance",
    "TaskQueueUnderTest",
    "TrackerConformance",
    "TrackerUnderTest",
    "WalletConformance",
    "WalletUnderTest",
    "promises_of",
]
