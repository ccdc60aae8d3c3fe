"""The commands of one Redis stream. Their errors say nothing of what was sent.

redis-py quotes a command in the text of its error, and the command of a publication has payloads.
"""

import asyncio
import json
import logging
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

from messagebus.adapters.redis_address import RedisAddress
from messagebus.adapters.redis_entries import Entry
from messagebus.relay.codec import EncodedMessage
from messagebus.relay.stream import StreamUnavailableError

_log = logging.getLogger(__name__)


class RedisClient:
    """A client that tries each command once, and raises `StreamUnavailableError`."""

    def __init__(self, address: RedisAddress, timeout: float) -> None:
        """A server that does not answer within `timeout` seconds is unavailable."""
        self.stream = address.stream
        self._checked = False
        self._timeout = timeout
        # The client's own retries would send a command again whose answer was lost. Its timeout
        # for a socket uses asyncio.wait_for, which before Python 3.12 can lose a cancellation.
        retry = Retry(NoBackoff(), 0)
        self._redis: Any = Redis.from_url(address.server, socket_timeout=None, retry=retry)

    async def add(self, batch: Sequence[EncodedMessage]) -> None:
        """Add all messages or none."""
        async with (
            self._errors(f"took none of {len(batch)} messages"),
            self._redis.pipeline(transaction=True) as transaction,
        ):
            for body, headers in batch:
                text = json.dumps(dict(headers), ensure_ascii=False)
                transaction.xadd(self.stream, {"body": body, "headers": text})
            await transaction.execute()

    async def read(
        self, consumer: str, after: bytes, limit: int
    ) -> tuple[bytes | None, Sequence[Entry]]:
        """The group's last delivered id so far, and entries: pending ones `after` an id, or new."""
        async with (
            self._errors("delivers nothing"),
            self._redis.pipeline(transaction=True) as transaction,
        ):
            transaction.xinfo_groups(self.stream)
            transaction.xreadgroup(consumer, consumer, {self.stream: after}, limit)
            groups, found = await transaction.execute()
        reached = {each["name"]: each["last-delivered-id"] for each in groups}
        return reached.get(consumer.encode()), found[0][1] if found else []

    async def acknowledge(self, consumer: str, ids: Sequence[bytes]) -> None:
        """Remove entries from the consumer's pending ones."""
        async with self._errors("takes no acknowledgement"):
            await self._redis.xack(self.stream, consumer, *ids)

    async def create_group(self, consumer: str) -> bool:
        """Create the consumer's group in front of the first entry; `False` if there is one."""
        async with self._errors("registers no consumer", unless="BUSYGROUP"):
            await self._redis.xgroup_create(self.stream, consumer, id="0", mkstream=True)
            return True
        return False

    async def reset_group(self, consumer: str) -> None:
        """Move the consumer's group in front of the first entry, and forget the pending ones."""
        async with (
            self._errors("moves no consumer"),
            self._redis.pipeline(transaction=True) as transaction,
        ):
            transaction.xgroup_destroy(self.stream, consumer)
            transaction.xgroup_create(self.stream, consumer, id="0", mkstream=True)
            await transaction.execute()

    async def groups(self) -> Mapping[bytes, Mapping[str, Any]]:
        """What Redis knows of each consumer's group, by its name."""
        async with self._errors("names no consumers"):
            if not await self._redis.exists(self.stream):
                return {}
            return {each["name"]: each for each in await self._redis.xinfo_groups(self.stream)}

    async def first_pending(self, consumer: bytes) -> bytes | None:
        """The id of the oldest entry that was delivered and not acknowledged."""
        async with self._errors("counts no pending messages"):
            first: bytes | None = (await self._redis.xpending(self.stream, consumer))["min"]
            return first

    async def first(self, limit: int, before: str = "+") -> Sequence[Entry]:
        """The first entries, `before` an id."""
        async with self._errors("reads no messages"):
            found: Sequence[Entry] = await self._redis.xrange(self.stream, "-", before, limit)
            return found

    async def length(self) -> int:
        """The number of entries."""
        async with self._errors("counts no messages"):
            return int(await self._redis.xlen(self.stream))

    async def now(self) -> timedelta:
        """The time since 1970, by the server's clock."""
        async with self._errors("says no time"):
            seconds, microseconds = await self._redis.time()
        return timedelta(seconds=seconds, microseconds=microseconds)

    async def trim(self, kept: str, limit: int | None = None) -> int:
        """Delete entries before `kept`; with a limit, only whole nodes of the server's tree."""
        async with self._errors("deletes nothing"):
            approximate = limit is not None
            return int(
                await self._redis.xtrim(
                    self.stream, minid=kept, approximate=approximate, limit=limit
                )
            )

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    async def warn_if_volatile(self) -> None:
        """Log a warning, once, if the server says that it keeps nothing over a restart."""
        if self._checked:
            return
        settings: dict[str, str] = {}
        with suppress(RedisError, OSError):
            async with asyncio.timeout(self._timeout):
                for name in ("appendonly", "save"):
                    settings |= await self._redis.config_get(name)
        self._checked = True
        if settings.get("appendonly") == "no" and settings.get("save") == "":
            _log.warning(
                "Redis keeps nothing of the stream %r over a restart. It writes neither an "
                "append-only file nor snapshots. Set appendonly yes.",
                self.stream,
            )

    @asynccontextmanager
    async def _errors(self, what: str, *, unless: str = "") -> AsyncGenerator[None, None]:
        try:
            async with asyncio.timeout(self._timeout):
                yield
        except (RedisError, OSError) as error:
            if (reason := _reason(error)) != unless:
                raise StreamUnavailableError(
                    f"Redis {what} for the stream {self.stream!r}: {reason}. The command may be "
                    "sent again."
                ) from None


class Acknowledgements:
    """Acknowledges entries, those of the same moment by one command."""

    def __init__(self, client: RedisClient, consumer: str) -> None:
        self._client = client
        self._consumer = consumer
        self._waiting: set[bytes] = set()
        self._sending = asyncio.Lock()

    async def add(self, id_: bytes) -> None:
        """Acknowledge an entry; after an error, the next call acknowledges it too."""
        self._waiting.add(id_)
        await asyncio.sleep(0)
        async with self._sending:
            if id_ in self._waiting:
                ids = tuple(self._waiting)
                await self._client.acknowledge(self._consumer, ids)
                self._waiting.difference_update(ids)


def _reason(error: Exception) -> str:
    """The error's kind, or the first word of the server's answer: they quote no command."""
    if isinstance(cause := error.__cause__ or error.__context__, OSError):
        return f"{type(error).__name__}, {cause}"
    answer = str(error).rpartition("caused error: ")[2]
    code = re.match(r"\W*([A-Z]{3,})\b", answer)
    return code[1] if code and type(error) is ResponseError else type(error).__name__
