from __future__ import annotations

import pytest

from show_goal.adapters.celery import CelerySettings, make_app, shortcomings, versions


@pytest.mark.parametrize(("broker", "says"), [("redis", "looks every 100 s"), ("amqp", "takes fewer at once")])
def test_an_older_version_is_named_with_what_it_does_less_well(
    monkeypatch: pytest.MonkeyPatch, broker: str, says: str
) -> None:
    monkeypatch.setattr(versions, "LOOKS_OFTEN", False)
    monkeypatch.setattr(versions, "KEEPS_ITS_PREFETCH", False)
    app = make_app(f"{broker}://broker", CelerySettings())
    app.conf.worker_enable_prefetch_count_reduction = True

    (named,) = shortcomings(app)
    assert says in named


def test_our_own_app_keeps_its_prefetch_on_every_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "KEEPS_ITS_PREFETCH", False)
    assert list(shortcomings(make_app("amqp://broker", CelerySettings()))) == []


@pytest.mark.parametrize("broker", ["redis", "amqp"])
def test_the_newest_versions_lack_nothing(monkeypatch: pytest.MonkeyPatch, broker: str) -> None:
    monkeypatch.setattr(versions, "LOOKS_OFTEN", True)
    monkeypatch.setattr(versions, "KEEPS_ITS_PREFETCH", True)
    assert list(shortcomings(make_app(f"{broker}://broker", CelerySettings()))) == []
