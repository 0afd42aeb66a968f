from __future__ import annotations

from collections.abc import Callable

from pymongo.database import Database

from show_goal.adapters.memory import MemoryWallet
from show_goal.adapters.mongo import MongoSettings, MongoWallet
from tests.adapters.mongo.documents import Document

from .running import run
from .wallet_machine import WalletMachine


def test_memory_wallet_keeps_every_promise_in_any_order_L6() -> None:
    def machine() -> WalletMachine:
        wallet = MemoryWallet()
        return WalletMachine(wallet, wallet, wallet.credit)

    run(machine, examples=150, steps=40)


def test_mongo_wallet_keeps_every_promise_in_any_order_L6(
    mongo_database: Database[Document], mongo_settings: MongoSettings, empty_database: Callable[[], None]
) -> None:
    def machine() -> WalletMachine:
        empty_database()
        wallet = MongoWallet(mongo_database, mongo_settings)
        return WalletMachine(wallet, wallet, wallet.credit)

    run(machine, examples=20, steps=25)
