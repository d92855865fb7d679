"""What a poison message counts on of queues: the fake, and RabbitMQ's management API."""

import httpx
import pytest

from backend.settings import Settings
from deploy.local.agent.faults.poison import Broker
from deploy.local.agent.faults.queues import Queues
from tests.fakes.queues import FakeQueues
from tests.fixtures.database import Servers
from tests.fixtures.running import PATIENCE

QUEUE = "letters"


@pytest.fixture
def broker(servers: Servers, with_vhost: Settings, monkeypatch: pytest.MonkeyPatch) -> Queues:
    # What is claimed is what it answers, not how soon.
    monkeypatch.setattr("deploy.local.agent.faults.queues.TIMEOUT", PATIENCE)
    home, vhost = servers.stack.home, with_vhost.rabbitmq_vhost
    address = f"{servers.stack.url('rabbitmq-management')}/api/queues/{vhost}/{QUEUE}"
    auth = ("pharos", servers.stack.secret("rabbitmq_password"))
    wanted = {"durable": True, "arguments": {"x-queue-type": "quorum"}}
    httpx.put(address, json=wanted, auth=auth, timeout=20).raise_for_status()
    return Queues(home, vhost)


@pytest.fixture(params=["fake", "broker"])
def queues(request: pytest.FixtureRequest) -> Broker:
    if request.param == "fake":
        return FakeQueues(works=False, consuming=0)
    chosen: Broker = request.getfixturevalue("broker")
    return chosen


def test_the_head_is_looked_at_and_stays_the_head(queues: Broker) -> None:
    assert queues.head(QUEUE) is None
    for name in ("first", "second"):
        queues.publish(QUEUE, name, "{}")
    assert [queues.head(QUEUE) for _ in range(3)] == ["first"] * 3
    assert queues.consumers(QUEUE) == 0


def test_what_is_taken_is_gone_and_comes_back_whole(queues: Broker) -> None:
    queues.publish(QUEUE, "first", "{}")
    taken = queues.take(QUEUE)
    assert taken is not None
    assert (taken.message_id, taken.payload, queues.head(QUEUE)) == ("first", "{}", None)
    queues.put_back(QUEUE, taken)
    again = queues.take(QUEUE)
    assert again is not None
    assert (again.message_id, again.payload) == ("first", "{}")
    assert queues.take(QUEUE) is None
