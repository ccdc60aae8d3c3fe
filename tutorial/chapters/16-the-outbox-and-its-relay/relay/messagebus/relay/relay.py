"""The loop that empties the outbox."""

from messagebus.errors import MessageBusError
from messagebus.relay.outbox import AsyncAbstractLeader, AsyncAbstractOutbox
from messagebus.relay.stream import AsyncAbstractStream


class LedElsewhereError(MessageBusError):
    """Another relay holds the leader lock of this outbox."""


class AsyncRelay:
    """Sends the waiting messages of the outbox to the stream while it holds the leader lock."""

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
        """Send until no message waits; return how many messages were sent."""
        if not await self._leader.try_acquire():
            raise LedElsewhereError(
                "another relay holds the leader lock of this outbox. One relay at a time may "
                "send. Leave the sending to that relay, or stop it first."
            )
        total = 0
        try:
            while batch := await self._outbox.waiting(self._batch):
                await self._outbox.mark_sent([each.position for each in batch])
                await self._stream.publish([each.message for each in batch])
                total += len(batch)
        finally:
            await self._leader.release()
        return total
