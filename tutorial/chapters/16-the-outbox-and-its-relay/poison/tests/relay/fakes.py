"""An outbox, a stream and a leader of a few lines each."""

import asyncio
from collections.abc import Sequence

from messagebus.relay import (
    AsyncAbstractLeader,
    AsyncAbstractOutbox,
    AsyncAbstractStream,
    OutboxMessage,
    StreamMessage,
)


def waiting(position: int, key: str = "k") -> OutboxMessage:
    envelope = {"id": f"m{position}", "created_at": "now", "type": "t_v1", "payload": "{}"}
    return OutboxMessage(position, StreamMessage(envelope, {"stream_key": key}))


def _key(row: OutboxMessage) -> str:
    return row.message.headers["stream_key"]


class Outbox(AsyncAbstractOutbox):
    """Rows in memory."""

    def __init__(self, *rows: OutboxMessage) -> None:
        self.rows = list(rows)
        self.sent: list[int] = []
        self.marked = asyncio.Event()
        self.refused: dict[int, str] = {}

    async def waiting(self, limit: int) -> Sequence[OutboxMessage]:
        parked = {_key(row) for row in self.rows if row.position in self.refused}
        rows = [row for row in sorted(self.rows) if _key(row) not in parked]
        return [row for row in rows if row.position not in self.sent][:limit]

    async def mark_sent(self, positions: Sequence[int]) -> None:
        self.sent += positions
        self.marked.set()

    async def reject(self, position: int, reason: str) -> None:
        self.refused[position] = reason


class Stream(AsyncAbstractStream):
    """Plays a script: for each publication, an error or how many are confirmed; then takes all."""

    def __init__(self, *script: Exception | int) -> None:
        self.script = list(script)
        self.taken: list[str] = []

    async def publish(self, batch: Sequence[StreamMessage]) -> int:
        step = self.script.pop(0) if self.script else len(batch)
        if isinstance(step, Exception):
            raise step
        self.taken += [each.envelope["id"] for each in batch[:step]]
        return step


class Leader(AsyncAbstractLeader):
    """A leader lock that is free or not."""

    def __init__(self, free: bool = True) -> None:
        self.free = free

    async def try_acquire(self) -> bool:
        return self.free

    async def release(self) -> None:
        pass
