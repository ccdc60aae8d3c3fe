"""A stream of JSON lines: a file, which is synced to the disk."""

import asyncio
import json
import os
from collections.abc import Sequence
from pathlib import Path

from messagebus.relay.stream import AsyncAbstractStream, StreamMessage, StreamUnavailableError


class AsyncJsonLinesStream(AsyncAbstractStream):
    """A file of JSON lines."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def publish(self, batch: Sequence[StreamMessage]) -> int:
        """Append the messages and wait for the disk."""
        await asyncio.to_thread(self._append, b"".join(map(_encoded, batch)))
        return len(batch)

    def _append(self, lines: bytes) -> None:
        try:
            with self._path.open("ab") as file:
                file.write(lines)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise StreamUnavailableError(f"{self._path} took no lines: {error}") from error


def _encoded(message: StreamMessage) -> bytes:
    content = {"envelope": dict(message.envelope), "headers": dict(message.headers)}
    return json.dumps(content, ensure_ascii=False).encode() + b"\n"
