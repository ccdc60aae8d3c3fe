"""A stream in Redis: an entry for each message, and a consumer group for each consumer.

The reader of a group has the group's name. So a new process finds the entries that an earlier one
has not acknowledged, and reads them first.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from datetime import timedelta
from functools import partial

from messagebus.adapters.encoding import encode_prefix
from messagebus.adapters.redis_address import RedisAddress, redis_address
from messagebus.adapters.redis_client import Acknowledgements, RedisClient
from messagebus.adapters.redis_entries import body_of, headers_of, parsed_id
from messagebus.errors import ConfigurationError
from messagebus.relay.codec import encoder_of
from messagebus.relay.stream import (
    AsyncAbstractStream,
    Delivery,
    LostMessagesError,
    StreamMessage,
    StreamUnavailableError,
)

__all__ = ["AsyncRedisStream", "RedisAddress", "redis_address"]

_MILLISECOND = timedelta(milliseconds=1)


class AsyncRedisStream(AsyncAbstractStream):
    """A stream for any number of relays, and for one process per consumer's name."""

    def __init__(
        self, address: RedisAddress, *, batch: int = 100, poll: float = 0.05, timeout: float = 10.0
    ) -> None:
        """Read `batch` messages at once, and look for new ones every `poll` seconds.

        A server that does not answer within `timeout` seconds is unavailable.
        """
        self._client = RedisClient(address, timeout)
        self._name = address.stream
        self._encode = encoder_of(address.format, f"/{address.stream}")
        self._batch = batch
        self._poll = poll
        self._registered: set[str] = set()

    async def publish(self, batch: Sequence[StreamMessage]) -> int:
        """Add the messages in one transaction; raise `StreamUnavailableError` if it fails."""
        encoded, rejection = encode_prefix(batch, self._encode, "Redis")
        if encoded:
            await self._client.add(encoded)
            await self._client.warn_if_volatile()
        if rejection is not None:
            raise rejection
        return len(encoded)

    async def consume(self, consumer: str) -> AsyncGenerator[Delivery, None]:
        """Deliver messages from the first unacknowledged one on, and wait for more.

        Raises `StreamUnavailableError` in front of the next message if another process has read
        as the same consumer: the next `consume` delivers what that process took first, in order.
        """
        await self.register(consumer)
        await self._client.warn_if_volatile()
        acknowledged = Acknowledgements(self._client, consumer)
        after, last = b"0", None
        while True:
            reached, entries = await self._client.read(consumer, after, self._batch)
            if lost := [id_ for id_, fields in entries if not fields]:
                await self._client.acknowledge(consumer, lost)
                raise LostMessagesError(
                    f"the Redis stream {self._name!r} has lost {len(lost)} messages that consumer "
                    f"{consumer!r} had not acknowledged. They were trimmed or deleted. Publish "
                    "them again from the outbox."
                )
            if last is not None and last != reached:
                raise StreamUnavailableError(
                    f"another process reads the Redis stream {self._name!r} as {consumer!r}. One "
                    "process at a time may. This one begins again at the pending messages."
                )
            for id_, fields in entries:
                yield Delivery(body_of(fields), headers_of(fields), partial(acknowledged.add, id_))
            if last is None:
                after, last = (entries[-1][0], None) if entries else (b">", reached)
            elif entries:
                last = entries[-1][0]
            else:
                await asyncio.sleep(self._poll)

    async def register(self, consumer: str) -> None:
        """Keep every message, from now on, until this consumer has acknowledged it.

        Raises `LostMessagesError` if Redis no longer knows a consumer that was registered here.
        """
        if await self._client.create_group(consumer) and consumer in self._registered:
            raise LostMessagesError(
                f"the Redis stream {self._name!r} no longer knew the consumer {consumer!r}: it was "
                "deleted, or Redis has restarted without it. The consumer begins at the first "
                "message. Publish the missing ones again from the outbox."
            )
        self._registered.add(consumer)

    async def lag(self, consumer: str) -> int | None:
        """The number of messages that the consumer has not acknowledged, where Redis knows it."""
        group = (await self._client.groups()).get(consumer.encode())
        if group is None:
            return await self._client.length()
        return None if group["lag"] is None else group["lag"] + group["pending"]

    async def oldest_age(self) -> timedelta | None:
        """The age of the oldest message, by the clock of Redis; `None` for an empty stream."""
        for id_, _ in await self._client.first(1):
            return await self._client.now() - parsed_id(id_)[0] * _MILLISECOND
        return None

    async def begin_anew(self, consumer: str) -> None:
        """Delete a consumer's position: it begins at the first message that the stream has now.

        Raises `ConfigurationError` if the consumer is unknown.
        """
        if consumer.encode() not in await self._client.groups():
            raise ConfigurationError(
                f"there is no consumer {consumer!r} of the Redis stream {self._name!r}. Use the "
                "name with which consume is called."
            )
        await self._client.reset_group(consumer)

    async def purge(self, retention: timedelta, limit: int = 1000) -> int:
        """Delete at most `limit` messages that are old, and that each consumer has acknowledged."""
        kept = (max(0, (await self._client.now() - retention) // _MILLISECOND), 0)
        for name, group in (await self._client.groups()).items():
            # What was delivered before, and is not pending afterwards, is acknowledged.
            pending = await self._client.first_pending(name)
            last, number = parsed_id(group["last-delivered-id"])
            kept = min(kept, parsed_id(pending) if pending else (last, number + 1))
        deleted = await self._client.trim(text := "{}-{}".format(*kept), limit)
        # Less than a node is left, or less than the limit.
        rest = await self._client.first(limit - deleted + 1, before=f"({text}")
        if len(rest) > limit - deleted:
            text = rest[-1][0].decode()
        return deleted + await self._client.trim(text)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()
