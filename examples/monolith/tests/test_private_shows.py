"""Private shows in the monolith. A test swaps an adapter if it is easier without the real one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from examples.monolith import config
from examples.monolith.models import Score, Session
from examples.monolith.tests.stage import Stage
from examples.monolith.wallet_adapter import HttpWallet
from show_goal.adapters.memory import MemoryNotifier, MemoryWallet
from show_goal.core.money import Balance, Hold, Statement
from show_goal.ports.errors import NotifierUnavailable, WalletUnavailable
from show_goal.ports.notifier import Notification

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def make_stage() -> Iterator[Any]:
    stages: list[Stage] = []

    def make(**swapped: Any) -> Stage:
        stages.append(Stage.make(**{"notifier": MemoryNotifier(), "wallet": MemoryWallet(), **swapped}))
        return stages[-1]

    yield make
    for stage in stages:
        stage.container.signals().disconnect()  # all containers share the namespace


# another notifier


class TextMessages:
    def __init__(self) -> None:
        self.sent: list[str] = []

    def notify(self, notification: Notification) -> None:
        self.sent += [f"{channel}: {notification.event}" for channel in notification.channels]


def test_the_streamer_gets_a_text_message(make_stage: Any) -> None:
    messages = TextMessages()
    stage = make_stage(notifier=messages)
    stage.container.wallet().credit(str(stage.viewer.id), 100)
    assert stage.invite().status_code == 202
    stage.wait()
    assert f"private-user@{stage.streamer.id}: goal.added" in messages.sent


class BrokenNotifier:
    def notify(self, notification: Notification) -> None:
        raise NotifierUnavailable("no connection")


def test_a_viewer_pays_and_is_refunded_while_the_notifier_is_down(make_stage: Any) -> None:
    stage = make_stage(notifier=BrokenNotifier())
    wallet, viewer_id = stage.container.wallet(), str(stage.viewer.id)
    wallet.credit(viewer_id, 100)
    assert stage.invite().status_code == 202
    stage.wait(quiet=True)
    assert wallet.balance(viewer_id) == Balance(available=10, held=90)
    stage.wait(300, quiet=True)
    stage.wait(60, quiet=True)
    assert wallet.balance(viewer_id) == Balance(available=100)


# another wallet


class DeadWallet(MemoryWallet):
    def statement(self, user_id: str, transaction_id: str | None) -> Statement:
        raise WalletUnavailable("no connection")


def test_a_viewer_gets_503_and_retry_after_while_the_wallet_is_down(make_stage: Any) -> None:
    stage = make_stage(wallet=DeadWallet())
    response = stage.invite()
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert stage.worker.run_due() == 0, "no task was triggered"


def test_the_real_wallet_service_holds_and_refunds(make_stage: Any, wallet_service: str) -> None:
    wallet = HttpWallet(f"{wallet_service}/{uuid4().hex}", config.WALLET["token"], timeout=10)
    stage = make_stage(wallet=wallet)
    viewer_id = str(stage.viewer.id)
    wallet.deposit("top-up 1", viewer_id, 100)
    transaction_id = stage.invite().get_json()["transaction_id"]
    stage.wait()
    hold = wallet.find(transaction_id)
    assert isinstance(hold, Hold)
    assert (hold.amount, hold.duration, wallet.balance(viewer_id)) == (90, 90, Balance(available=10, held=90))
    stage.wait(300)
    stage.wait(60)
    assert wallet.balance(viewer_id) == Balance(available=100)
    assert wallet.audit(stage.clock.now()).problems == []


# another clock


def test_an_invitation_ends_at_its_exp(make_stage: Any) -> None:
    stage = make_stage()
    stage.container.wallet().credit(str(stage.viewer.id), 100)
    goal_id = stage.invite().get_json()["goal_id"]
    stage.wait(299)
    viewer = stage.browser(stage.viewer)
    assert viewer.get(f"/goals/{goal_id}").get_json()["active"] is True
    stage.wait(1)
    assert viewer.get(f"/goals/{goal_id}").get_json()["active"] is False
    assert stage.invite().get_json()["code"] == "cooldown"


def test_agreeing_and_switching_to_sd_pays_the_streamer(make_stage: Any) -> None:
    stage = make_stage()
    wallet, viewer_id = stage.container.wallet(), str(stage.viewer.id)
    wallet.credit(viewer_id, 100)
    goal_id = stage.invite().get_json()["goal_id"]
    stage.wait()
    streamer = stage.browser(stage.streamer)
    assert streamer.delete(f"/goals/{goal_id}", json={"agree": True}).status_code == 202
    stage.wait()
    assert streamer.patch("/streams/me/preset/sd").status_code == 200
    stage.wait(60)
    assert wallet.balance(str(stage.streamer.id)) == Balance(available=90)


# what is ours


def test_our_user_is_the_viewer_with_our_tags(make_stage: Any) -> None:
    stage = make_stage()
    stage.container.wallet().credit(str(stage.viewer.id), 100)
    stage.viewer.tags = [f"blocked-by:{stage.streamer.id}"]
    stage.viewer.save()
    assert stage.invite().get_json()["code"] == "private_show_unavailable"
    assert stage.app.test_client().post(f"/sessions/{stage.session.id}/trigger_private", json={}).status_code == 401


def test_our_own_receiver_keeps_score_of_a_private_show_once(make_stage: Any) -> None:
    stage = make_stage()
    stage.container.wallet().credit(str(stage.viewer.id), 100)
    goal_id = stage.invite().get_json()["goal_id"]
    stage.wait()
    stage.wait(300)
    stage.wait(60)
    (score,) = Score.objects(streamer=str(stage.streamer.id))
    assert (score.goal, score.kind, score.points) == (goal_id, "TriggerPrivateGoal", 1)


def test_our_own_pages_save_a_livestream_and_keep_its_private_show(make_stage: Any) -> None:
    stage = make_stage()
    stage.container.wallet().credit(str(stage.viewer.id), 100)
    streamer = stage.browser(stage.streamer)
    page = f"/livestreams/{stage.session.id}"
    before = Session.objects(id=stage.session.id).first()  # read by a slow request of ours
    goal_id = stage.invite().get_json()["goal_id"]
    stage.wait()
    assert streamer.patch(page, json={"title": "More songs"}).status_code == 200
    before.active = True
    before.save()
    assert streamer.get(page).get_json()["title"] == "More songs"
    session = stage.container.sessions().fetch_active(str(stage.session.id))
    assert session is not None
    assert session.trigger_private_goal.goal == session.claim.goal_id == goal_id
