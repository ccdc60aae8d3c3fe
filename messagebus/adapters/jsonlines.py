"""A stream of JSON lines: a file that is on the disk before it counts, or standard output.

A line is `{"envelope": {…}, "headers": {…}}` and ends in a newline. What a crash left without one
was never confirmed: nobody reads it, and the next batch is written over it.
"""

import asyncio
import concurrent.futures
import json
import os
import threading
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from filelock import FileLock

from messagebus.errors import ConfigurationError
from messagebus.relay.stream import (
    AcknowledgedPrefix,
    AsyncAbstractStream,
    Delivery,
    MessageRefusedError,
    StreamClosedError,
    StreamMessage,
    StreamUnavailableError,
)

_READ_AT_ONCE = 1 << 18
_TAIL = 1 << 12
_LONGEST_NAME = 255
"""Bytes that a file's name may have, on every file system in use."""


class AsyncJsonLinesStream(AsyncAbstractStream):
    """A file of lines, with a small file beside it for each consumer's position in bytes."""

    def __init__(self, path: str | Path, *, poll: float = 0.05) -> None:
        """Read and write the file; who consumes looks for new lines every `poll` seconds."""
        self._path = Path(path)
        self._poll = poll

    async def publish(self, batch: Sequence[StreamMessage]) -> int:
        """Append the messages and wait for the disk.

        Lines that are whole stay even where the batch fails, since somebody may have read them;
        they are written again with it.
        """
        lines, refusal = _lines(batch)
        if lines:
            await _aside(self._append, lines)
        if refusal is not None:
            raise refusal
        return len(batch)

    async def consume(self, consumer: str) -> AsyncGenerator[Delivery, None]:
        """Deliver from the oldest that this consumer has not acknowledged, and wait for more."""
        beside = self._position_file(consumer)
        acknowledged = AcknowledgedPrefix(
            lambda position: asyncio.to_thread(_replace, beside, str(position))
        )
        position = int(beside.read_text()) if beside.exists() else 0
        while True:
            lines = await asyncio.to_thread(self._lines_behind, position)
            for line in lines:
                position += len(line)
                yield acknowledged.deliver(_message(line), position)
            if not lines:
                await asyncio.sleep(self._poll)

    def _append(self, lines: bytes) -> None:
        try:
            if not self._path.parent.is_dir():
                raise FileNotFoundError(f"there is no folder {self._path.parent}")
            with FileLock(f"{self._path}.lock"), _opened(self._path) as file:
                end = _end_of_lines(file)
                file.truncate(end)
                file.seek(end)
                rest = memoryview(lines)
                while rest:
                    rest = rest[file.write(rest) :]
                os.fsync(file.fileno())
        except OSError as error:
            raise StreamUnavailableError(
                f"{self._path} took no lines: {error}; what was to be written waits, and is "
                "written again."
            ) from error

    def _lines_behind(self, position: int) -> Sequence[bytes]:
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            file.seek(position)
            found = file.read(_READ_AT_ONCE)
            while found and b"\n" not in found and (more := file.read(_READ_AT_ONCE)):
                found += more
        *whole, _torn = found.split(b"\n")
        return [line + b"\n" for line in whole]

    def _position_file(self, consumer: str) -> Path:
        beside = f"{self._path.name}.{consumer}.position"
        plain = consumer.isprintable() and Path(consumer).name == consumer
        if not plain or not consumer or len(f"{beside}.new".encode()) > _LONGEST_NAME:
            raise ConfigurationError(
                f"{consumer!r} cannot name a consumer of {self._path}: its position is kept in a "
                f"file of that name, of at most {_LONGEST_NAME} bytes: leave out slashes and what "
                "cannot be printed."
            )
        return self._path.with_name(beside)


class AsyncJsonLinesOutput(AsyncAbstractStream):
    """Lines on standard output, or whatever else takes bytes; read by the next program."""

    def __init__(self, output: BinaryIO) -> None:
        self._output = output
        # A buffer would not say how much of it was written before an error.
        self._raw: BinaryIO = getattr(output, "raw", output)
        self._torn = b""

    async def publish(self, batch: Sequence[StreamMessage]) -> int:
        """Write the messages and flush them; only the pipe knows whether anybody reads them."""
        lines, refusal = _lines(batch)
        try:
            await _aside(self._write, lines)
        except BrokenPipeError as error:
            raise StreamClosedError(
                "nobody reads the output any more; what was not written waits in the outbox: "
                "start the relay again with a reader."
            ) from error
        except OSError as error:
            raise StreamUnavailableError(f"the output took no lines: {error}.") from error
        if refusal is not None:
            raise refusal
        return len(batch)

    def consume(self, consumer: str) -> AsyncGenerator[Delivery, None]:
        """Refused: what was written to an output is read by somebody else."""
        raise ConfigurationError(
            f"{consumer!r} cannot consume an output, which remembers nothing: read a file of lines."
        )

    def _write(self, lines: bytes) -> None:
        """Write all of it, after the end of a line that an error has torn."""
        given = rest = self._torn + lines
        try:
            self._output.flush()
            while rest:
                written = self._raw.write(rest)
                if not written:
                    raise BlockingIOError("it takes nothing now")
                rest = rest[written:]
            self._raw.flush()
        finally:
            done = given[: len(given) - len(rest)]
            if done:
                line, newline, _ = rest.partition(b"\n")
                self._torn = b"" if done.endswith(b"\n") else line + newline


async def _aside(write: Callable[[bytes], None], lines: bytes) -> None:
    """Write on a thread that the process need not wait for: a pipe may never be read again."""
    written: concurrent.futures.Future[None] = concurrent.futures.Future()
    written.set_running_or_notify_cancel()

    def work() -> None:
        try:
            write(lines)
        except BaseException as error:
            written.set_exception(error)
        else:
            written.set_result(None)

    threading.Thread(target=work, name="json-lines", daemon=True).start()
    await asyncio.wrap_future(written)


def _lines(batch: Sequence[StreamMessage]) -> tuple[bytes, MessageRefusedError | None]:
    """The messages as lines, up to the first one that UTF-8 cannot encode."""
    lines: list[bytes] = []
    for message in batch:
        try:
            lines.append(_line(message))
        except UnicodeEncodeError as error:
            reason = f"a line of UTF-8 cannot keep the message: {error.reason}."
            return b"".join(lines), MessageRefusedError(reason, len(lines))
    return b"".join(lines), None


def _line(message: StreamMessage) -> bytes:
    said = {"envelope": dict(message.envelope), "headers": dict(message.headers)}
    return json.dumps(said, ensure_ascii=False).encode() + b"\n"


def _message(line: bytes) -> StreamMessage:
    said = json.loads(line)
    return StreamMessage(said["envelope"], said["headers"])


def _opened(path: Path) -> BinaryIO:
    """The file, to be read and written; a new one is in its folder before it is used."""
    try:
        return path.open("r+b", buffering=0)
    except FileNotFoundError:
        file = path.open("x+b", buffering=0)
        _sync_folder(path)
        return file


def _end_of_lines(file: BinaryIO) -> int:
    """Where the last whole line ends."""
    end = file.seek(0, os.SEEK_END)
    while end:
        start = max(0, end - _TAIL)
        file.seek(start)
        newline = file.read(end - start).rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
        end = start
    return 0


def _replace(path: Path, text: str) -> None:
    """Write a small file anew, whole or not at all."""
    draft = path.with_name(f"{path.name}.new")
    with draft.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    _sync_folder(path)


def _sync_folder(path: Path) -> None:
    if os.name == "nt":
        return
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
