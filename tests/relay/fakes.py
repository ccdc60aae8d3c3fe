"""An outbox, a stream and a leader of a few lines each."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from datetime import timedelta

from messagebus.relay import (
    AsyncAbstractLeader,
    AsyncAbstractOutbox,
    AsyncAbstractStream,
    Delivery,
    OutboxMessage,
    StreamMessage,
)


def waiting(position: int, key: str = "k") -> OutboxMessage:
    envelope = {"id": f"m{position}", "created_at": "now", "type": "t_v1", "payload": "{}"}
    return OutboxMessage(position, StreamMessage(envelope, {"stream_key": key}))


class Outbox(AsyncAbstractOutbox):
    """Rows in memory; `failing` is raised by `mark_sent` once."""

    def __init__(self, *rows: OutboxMessage) -> None:
        self.rows = list(rows)
        self.sent: list[int] = []
        self.refused: dict[int, str] = {}
        self.purges: list[int] = []
        self.old = 0
        self.failing: Exception | None = None
        self.changed = asyncio.Event()

    async def waiting(self, limit: int) -> Sequence[OutboxMessage]:
        parked = {row.message.headers["stream_key"]: row.position for row in self._refused()}
        return [
            row
            for row in sorted(self.rows)
            if row.position not in self.sent
            and row.position not in self.refused
            and row.position < parked.get(row.message.headers["stream_key"], row.position + 1)
        ][:limit]

    def _refused(self) -> Sequence[OutboxMessage]:
        return [row for row in self.rows if row.position in self.refused]

    async def mark_sent(self, positions: Sequence[int]) -> None:
        if self.failing is not None:
            error, self.failing = self.failing, None
            raise error
        self.sent += positions
        self.changed.set()

    async def reject(self, position: int, reason: str) -> None:
        self.refused[position] = reason

    async def purge(self, retention: timedelta, limit: int) -> int:
        purged = min(self.old, limit)
        self.old -= purged
        self.purges.append(purged)
        self.changed.set()
        return purged


class Stream(AsyncAbstractStream):
    """Plays a script: for each publication, an error or how many are confirmed; then takes all."""

    def __init__(self, *script: Exception | int) -> None:
        self.script = list(script)
        self.taken: list[str] = []
        self.batches: list[int] = []

    async def publish(self, batch: Sequence[StreamMessage]) -> int:
        self.batches.append(len(batch))
        step = self.script.pop(0) if self.script else len(batch)
        confirmed = step if isinstance(step, int) else getattr(step, "confirmed", 0)
        self.taken += [each.envelope["id"] for each in batch[:confirmed]]
        if isinstance(step, Exception):
            raise step
        return confirmed

    def consume(self, consumer: str) -> AsyncGenerator[Delivery, None]:
        raise NotImplementedError


class Leader(AsyncAbstractLeader):
    """A leader lock that is free or not."""

    def __init__(self, free: bool = True) -> None:
        self.free = free
        self.leads = False

    async def try_acquire(self) -> bool:
        self.leads = self.free
        return self.leads

    async def release(self) -> None:
        self.leads = False
