"""The loop that empties the outbox.

The relay keeps no cursor: a smaller position may be committed after a larger one, and a relay that
read only behind its last position would lose that message.
"""

from collections.abc import Sequence

from messagebus.errors import MessageBusError
from messagebus.relay.outbox import AsyncAbstractLeader, AsyncAbstractOutbox, OutboxMessage
from messagebus.relay.stream import AsyncAbstractStream, StreamUnavailableError


class LedElsewhereError(MessageBusError):
    """Another relay holds the leader lock of this outbox."""


class AsyncRelay:
    """Sends the waiting messages of the outbox to the stream while it holds the leader lock.

    Each message is sent at least once. A relay that dies between sending and marking sends the
    batch again.
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
        """Send until no message waits; return how many messages the stream has confirmed."""
        if not await self._leader.try_acquire():
            raise LedElsewhereError(
                "another relay holds the leader lock of this outbox. One relay at a time may "
                "send. Leave the sending to that relay, or stop it first."
            )
        total = 0
        try:
            while batch := await self._outbox.waiting(self._batch):
                total += await self._send(batch)
        finally:
            await self._leader.release()
        return total

    async def _send(self, batch: Sequence[OutboxMessage]) -> int:
        confirmed = await self._stream.publish([each.message for each in batch])
        await self._outbox.mark_sent([each.position for each in batch[:confirmed]])
        if confirmed < len(batch):
            raise StreamUnavailableError(
                f"{type(self._stream).__qualname__} has confirmed {confirmed} of {len(batch)} "
                "messages. The relay sends the others again."
            )
        return confirmed
