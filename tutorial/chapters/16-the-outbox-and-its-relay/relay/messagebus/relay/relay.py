"""The loop that empties the outbox."""

from messagebus.errors import MessageBusError
from messagebus.relay.outbox import AsyncAbstractLeader, AsyncAbstractOutbox
from messagebus.relay.stream import AsyncAbstractStream


class LedElsewhereError(MessageBusError):
    """Another relay holds the leader's seat of this outbox."""


class AsyncRelay:
    """Sends what waits in the outbox to the stream, as long as it leads."""

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
        """Send until nothing waits; return how many messages were sent."""
        if not await self._leader.try_acquire():
            raise LedElsewhereError(
                "another relay holds the leader's seat of this outbox, and one at a time may "
                "send: leave the sending to that one, or stop it first."
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
