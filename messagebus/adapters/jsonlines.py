"""A stream of JSON lines: a file, which is synced to the disk, or standard output."""

import asyncio
import concurrent.futures
import re
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from messagebus.adapters.encoding import encode_prefix
from messagebus.adapters.linefiles import append_lines, decode_line, encode_line, line_delivery
from messagebus.adapters.linepositions import LinePosition, PositionFile
from messagebus.adapters.linereaders import LineFile, LineFollower, lines_behind
from messagebus.errors import ConfigurationError
from messagebus.relay.stream import (
    AcknowledgedPrefix,
    AsyncAbstractStream,
    Delivery,
    LostPositionError,
    StreamClosedError,
    StreamMessage,
    StreamUnavailableError,
)

_PASSWORD = re.compile(r":.*@|pass\w*\s*=", re.IGNORECASE | re.DOTALL)


def file_path(address: str) -> Path:
    """Read `file:///PATH`, the address of a file of JSON lines.

    Raises `ValueError`, whose message quotes nothing: a wrong address may hold a password.
    """
    if not address.isprintable():
        raise ValueError("it has a character that cannot be printed: write file:///PATH")
    parts = urlsplit(address)
    path = unquote(parts.path)
    if not address.startswith("file:///") or path == "/":
        raise ValueError("it is no file's address: write file:///PATH")
    if parts.query or parts.fragment or "\0" in path or _PASSWORD.search(path):
        raise ValueError(
            "its path cannot be a file's: write file:///PATH, with ? and # as %3F and %23, and "
            "without a password"
        )
    return Path(path)


class AsyncJsonLinesStream(AsyncAbstractStream):
    """A file of JSON lines, with a small file beside it for each consumer's position in bytes.

    The file may be renamed and another created under its name while a consumer reads it. The
    consumer reads the renamed file to its end, then the next one. If the file was truncated or
    replaced, it raises `LostPositionError`.
    """

    def __init__(self, path: str | Path, *, poll: float = 0.05) -> None:
        """Read and write the file; a consumer looks for new lines every `poll` seconds."""
        self._path = Path(path)
        self._poll = poll

    async def publish(self, batch: Sequence[StreamMessage]) -> int:
        """Append the messages and wait for the disk.

        If the batch fails, its complete lines stay, since a consumer may have read them; they are
        written again with the batch.
        """
        return await _publish(batch, self._append)

    async def consume(self, consumer: str) -> AsyncGenerator[Delivery, None]:
        """Deliver messages from the first unacknowledged one on, and wait for more."""
        kept = PositionFile(self._path, consumer)

        async def store(position: LinePosition) -> None:
            with self._readable():
                await asyncio.to_thread(kept.store, position)

        acknowledged = AcknowledgedPrefix(store)
        follower = LineFollower(self._path, kept)
        try:
            while True:
                with self._readable():
                    found = await asyncio.to_thread(follower.read)
                for line, end in found:
                    if line is None:
                        await acknowledged.pass_over(end)
                    else:
                        yield acknowledged.deliver(*line_delivery(line), end)
                if not found:
                    await asyncio.sleep(self._poll)
        finally:
            follower.close()

    async def lag(self, consumer: str) -> int | None:
        """The number of lines that the consumer has not acknowledged; `None` if it is unknown."""
        with self._readable():
            return await asyncio.to_thread(
                lines_behind, self._path, PositionFile(self._path, consumer)
            )

    async def skip(self, consumer: str, position: int) -> None:
        """Skip the undecodable line at a byte, for a consumer that has stopped there.

        Raises `ConfigurationError` for any other byte, and for a line that can be decoded.
        """
        with self._readable():
            await asyncio.to_thread(self._skip, PositionFile(self._path, consumer), position)

    async def begin_anew(self, consumer: str) -> None:
        """Delete a consumer's position: it begins at the first line that the file has now.

        Raises `ConfigurationError` if the consumer is unknown.
        """
        with self._readable():
            await asyncio.to_thread(PositionFile(self._path, consumer).forget)

    def _append(self, lines: bytes) -> None:
        try:
            append_lines(self._path, lines)
        except OSError as error:
            raise StreamUnavailableError(
                f"{self._path} took no lines: {error}. The relay writes them again."
            ) from error

    def _skip(self, kept: PositionFile, byte: int) -> None:
        kept.check_known()
        with LineFile(self._path) as file:
            position = kept.load() or file.start()
            if not file.has(position):
                raise LostPositionError(
                    f"{self._path} is not the file that consumer {kept.consumer!r} has read up to "
                    f"byte {position.byte}. Restore that file, or call begin_anew."
                )
            if position.byte != byte:
                raise ConfigurationError(
                    f"consumer {kept.consumer!r} of {self._path} stands at byte {position.byte}, "
                    f"not {byte}. Only the line behind its last acknowledged one can be skipped. "
                    "Acknowledge the lines in front of it first."
                )
            line = file.line(byte)
            if line is None or _is_message(line):
                found = "no complete line" if line is None else "a message"
                raise ConfigurationError(
                    f"{self._path} has {found} at byte {byte}. Only a line that cannot be decoded "
                    "can be skipped."
                )
            kept.store(position.behind(line))

    @contextmanager
    def _readable(self) -> Generator[None, None, None]:
        try:
            yield
        except OSError as error:
            raise StreamUnavailableError(
                f"{self._path}, or a consumer's position beside it, cannot be used: {error}."
            ) from error


class AsyncJsonLinesOutput(AsyncAbstractStream):
    """JSON lines on standard output or another output of bytes, for the next program."""

    def __init__(self, output: BinaryIO) -> None:
        self._output = output
        # After an error, a buffer does not tell how many of its bytes were written.
        self._raw: BinaryIO = getattr(output, "raw", output)
        self._torn = b""

    async def publish(self, batch: Sequence[StreamMessage]) -> int:
        """Write the messages and flush them; whether the next program reads them is unknown."""
        try:
            return await _publish(batch, self._write)
        except BrokenPipeError as error:
            raise StreamClosedError(
                "the output has no reader any more. Unwritten messages wait in the outbox. Start "
                "the relay again with a reader."
            ) from error
        except OSError as error:
            raise StreamUnavailableError(f"the output took no lines: {error}.") from error

    def consume(self, consumer: str) -> AsyncGenerator[Delivery, None]:
        """Raise `ConfigurationError`: an output cannot be consumed."""
        raise ConfigurationError(
            f"{consumer!r} cannot consume an output. An output stores no messages. Use a file of "
            "lines."
        )

    def _write(self, lines: bytes) -> None:
        """Write all lines, after the rest of a line that an error has torn."""
        content = rest = self._torn + lines
        try:
            self._output.flush()
            while rest:
                written = self._raw.write(rest)
                if not written:
                    raise BlockingIOError("it takes nothing now")
                rest = rest[written:]
            self._raw.flush()
        finally:
            written_bytes = content[: len(content) - len(rest)]
            if written_bytes:
                line, newline, _ = rest.partition(b"\n")
                self._torn = b"" if written_bytes.endswith(b"\n") else line + newline


async def _publish(batch: Sequence[StreamMessage], write: Callable[[bytes], None]) -> int:
    """Write the messages in front of the first that no line can hold, and reject that one."""
    lines, rejection = encode_prefix(batch, encode_line, "a line of UTF-8")
    if lines:
        await _write_on_daemon_thread(write, b"".join(lines))
    if rejection is not None:
        raise rejection
    return len(batch)


async def _write_on_daemon_thread(write: Callable[[bytes], None], lines: bytes) -> None:
    """Write on a daemon thread, which the process can leave: a pipe may never be read again."""
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


def _is_message(line: bytes) -> bool:
    try:
        decode_line(line)
    except ValueError:
        return False
    return True
