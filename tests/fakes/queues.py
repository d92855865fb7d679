"""Queues in memory, and the worker that a test wants: it buries what comes, or does nothing."""

from collections import defaultdict
from dataclasses import dataclass, field

from deploy.local.agent.faults.queues import Message


@dataclass
class FakeQueues:
    """`works`: what is published into a queue is a dead letter at once."""

    works: bool = True
    consuming: int = 1
    away: bool = False
    queues: dict[str, list[Message]] = field(default_factory=lambda: defaultdict(list))

    def consumers(self, queue: str) -> int:  # noqa: ARG002
        self._reach()
        return self.consuming

    def head(self, queue: str) -> str | None:
        self._reach()
        lying = self.queues[queue]
        return (lying[0].message_id or "") if lying else None

    def take(self, queue: str) -> Message | None:
        self._reach()
        lying = self.queues[queue]
        return lying.pop(0) if lying else None

    def publish(self, queue: str, message_id: str, payload: str) -> None:
        self.put_back(queue, Message(message_id, payload, "string", {"message_id": message_id}))

    def put_back(self, queue: str, message: Message) -> None:
        self._reach()
        self.queues[f"{queue}.dead" if self.works else queue].append(message)

    def lie(self, queue: str, message_id: str) -> None:
        """Let a message lie in the queue."""
        self.queues[queue].append(Message(message_id, "{}", "string", {}))

    def ids(self, queue: str) -> list[str | None]:
        return [message.message_id for message in self.queues[queue]]

    def _reach(self) -> None:
        if self.away:
            raise OSError("RabbitMQ does not answer")
