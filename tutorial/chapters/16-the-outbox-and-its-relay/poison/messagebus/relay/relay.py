"""The loop that empties the outbox.

No cursor is remembered: a smaller position may be committed after a larger one, and whoever asks
for what is behind the last one loses it.
"""

from collections.abc import Sequence

from messagebus.errors import MessageBusError
from messagebus.relay.outbox import AsyncAbstractLeader, AsyncAbstractOutbox, OutboxMessage
from messagebus.relay.stream import (
    AsyncAbstractStream,
    MessageRejectedError,
    StreamUnavailableError,
)


class LedElsewhereError(MessageBusError):
    """Another relay holds the leader's seat of this outbox."""


class AsyncRelay:
    """Sends what waits in the outbox to the stream, as long as it leads.

    Each message is sent at least once: who dies between sending and marking sends again.
    """

    def __init__(
        self,
        outbox: AsyncAbstractOutbox,
        stream: AsyncAbstractStream,
        leader: AsyncAbstractLeader,
        *,
        batch: int = 100,
    ) -> None:
        """Send at most `batch` messages at once."""
        self._outbox = outbox
        self._stream = stream
        self._leader = leader
        self._batch = batch

    async def drain(self) -> int:
        """Send until nothing waits; return how many messages the stream has confirmed."""
        if not await self._leader.try_acquire():
            raise LedElsewhereError(
                "another relay holds the leader's seat of this outbox, and one at a time may "
                "send: leave the sending to that one, or stop it first."
            )
        total = 0
        try:
            while batch := await self._outbox.waiting(self._batch):
                total += await self._send(batch)
        finally:
            await self._leader.release()
        return total

    async def _send(self, batch: Sequence[OutboxMessage]) -> int:
        try:
            confirmed = await self._stream.publish([each.message for each in batch])
        except MessageRejectedError as refusal:
            await self._mark_sent(batch[: refusal.confirmed])
            await self._outbox.reject(batch[refusal.confirmed].position, str(refusal))
            return refusal.confirmed
        await self._mark_sent(batch[:confirmed])
        if confirmed < len(batch):
            raise StreamUnavailableError(
                f"{type(self._stream).__qualname__} has confirmed {confirmed} of {len(batch)} "
                "messages; the rest waits and is sent again."
            )
        return confirmed

    async def _mark_sent(self, batch: Sequence[OutboxMessage]) -> None:
        if batch:
            await self._outbox.mark_sent([each.position for each in batch])
