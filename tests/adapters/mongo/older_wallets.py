"""Wallets of older versions, by their own code, in this process."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType
from typing import Any, cast

from pymongo.database import Database

from show_goal.adapters.mongo import MongoWallet
from tests.last_version import COMMIT, tree_of

from .documents import Document

VERSIONS = {
    "0.1": COMMIT,  # one transaction, which pays into the receiver's account
    "one transaction": "7a98ca62f16bdbf3d12e61ada5f3acb299b9073e",  # and the record pays
}


def older_wallet(version: str, database: Database[Document], timeout_ms: int = 30_000) -> MongoWallet:
    """It has the methods of ours. What it returns and raises is of its own classes."""
    mongo = import_module(f"{_package(VERSIONS[version]).__name__}.adapters.mongo")
    settings = mongo.MongoSettings(database=database.name, timeout_ms=timeout_ms)
    return cast("MongoWallet", cast(Any, mongo).MongoWallet(database, settings))


def _package(commit: str) -> ModuleType:
    """Under a name of its own. Its modules import each other by relative names."""
    name = f"show_goal_{commit[:7]}"
    if name not in sys.modules:
        tree = tree_of(commit)
        spec = spec_from_file_location(name, tree / "__init__.py", submodule_search_locations=[str(tree)])
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]
