"""RabbitMQ's queues as a fault needs them, over its management API.

Source: https://www.rabbitmq.com/docs/management#http-api. The head is looked at by
a `get` that puts the message back where it was.
"""

import http.client
import json
from base64 import b64encode
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from deploy.home import Home
from deploy.local.servers.probe import HOST
from deploy.secrets import read_secret

TIMEOUT = 1.0


@dataclass(frozen=True, slots=True)
class Message:
    """One message as the API tells it; `properties` has the headers, too."""

    message_id: str | None
    payload: str
    encoding: str
    properties: dict[str, Any]


class Queues:
    """Every call raises OSError where the broker does not do what it was asked for."""

    def __init__(self, home: Home, vhost: str = "/") -> None:
        self._home = home
        self._vhost = quote(vhost, safe="")

    def consumers(self, queue: str) -> int:
        """Return how many consume the queue now; what the queue's own page tells is seconds old."""
        told = self._call("GET", f"/api/consumers/{self._vhost}")
        return sum(consumer["queue"]["name"] == queue for consumer in told)

    def head(self, queue: str) -> str | None:
        """Return the id of the first message, which stays there; None where there is none."""
        found = self._get(queue, "ack_requeue_true")
        return None if found is None else found.message_id or ""

    def take(self, queue: str) -> Message | None:
        """Take the first message out."""
        return self._get(queue, "ack_requeue_false")

    def publish(self, queue: str, message_id: str, payload: str) -> None:
        properties = {"message_id": message_id, "delivery_mode": 2}
        self.put_back(queue, Message(message_id, payload, "string", properties))

    def put_back(self, queue: str, message: Message) -> None:
        """Publish a message into the queue, with all that it had."""
        answer = self._call(
            "POST",
            f"/api/exchanges/{self._vhost}/amq.default/publish",
            {
                "routing_key": queue,
                "properties": message.properties,
                "payload": message.payload,
                "payload_encoding": message.encoding,
            },
        )
        if not answer["routed"]:
            raise OSError(f"there is no queue {queue}")

    def _get(self, queue: str, mode: str) -> Message | None:
        asked = {"count": 1, "ackmode": mode, "encoding": "auto"}
        found = self._call("POST", f"/api/queues/{self._vhost}/{quote(queue)}/get", asked)
        if not found:
            return None
        told = found[0]
        properties = told["properties"]
        return Message(
            properties.get("message_id"), told["payload"], told["payload_encoding"], properties
        )

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        port = self._home.ports["rabbitmq-management"]
        password = read_secret(self._home.keys, "rabbitmq_password")
        signed = b64encode(f"pharos:{password}".encode()).decode()
        connection = http.client.HTTPConnection(HOST, port, timeout=TIMEOUT)
        try:
            content = None if body is None else json.dumps(body)
            connection.request(method, path, content, {"Authorization": f"Basic {signed}"})
            response = connection.getresponse()
            text = response.read().decode(errors="replace")
            if response.status != 200:
                raise OSError(f"{method} {path} answered {response.status}: {text.strip()[:200]}")
            return json.loads(text)
        except (http.client.HTTPException, ValueError) as error:
            raise OSError(f"RabbitMQ's management API does not answer as such: {error}") from error
        finally:
            connection.close()
