"""A stream of JSON lines: a file that is on the disk before it counts, or standard output."""

import asyncio
import concurrent.futures
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from messagebus.adapters.encoding import encode_prefix
from messagebus.adapters.linefiles import append_lines, decode_line, encode_line
from messagebus.adapters.linereaders import LineFile, LineFollower, LinePosition, PositionFile
from messagebus.errors import ConfigurationError
from messagebus.relay.stream import (
    AcknowledgedPrefix,
    AsyncAbstractStream,
    Delivery,
    LostPositionError,
    StreamClosedError,
    StreamMessage,
    StreamUnavailableError,
    UndecodableMessageError,
)


class AsyncJsonLinesStream(AsyncAbstractStream):
    """A file of lines, with a small file beside it for each consumer's position in bytes.

    A file may be renamed and another made under its name while a consumer reads it: it reads the
    renamed one to its end, then the next. One that was truncated or replaced is a
    `LostPositionError`.
    """

    def __init__(self, path: str | Path, *, poll: float = 0.05) -> None:
        """Read and write the file; a consumer looks for new lines every `poll` seconds."""
        self._path = Path(path)
        self._poll = poll

    async def publish(self, batch: Sequence[StreamMessage]) -> int:
        """Append the messages and wait for the disk.

        Lines that are whole stay even where the batch fails, since somebody may have read them;
        they are written again with it.
        """
        return await _publish(batch, self._append)

    async def consume(self, consumer: str) -> AsyncGenerator[Delivery, None]:
        """Deliver from the oldest that this consumer has not acknowledged, and wait for more."""
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
                        message = self._decoded(line, end.byte - len(line), consumer)
                        yield acknowledged.deliver(message, end)
                if not found:
                    await asyncio.sleep(self._poll)
        finally:
            follower.close()

    async def skip(self, consumer: str, position: int) -> None:
        """Pass over the line at a byte that cannot be decoded, for a consumer that stands there.

        Raises `ConfigurationError` for any other byte, and for a line that can be decoded.
        """
        with self._readable():
            await asyncio.to_thread(self._skip, PositionFile(self._path, consumer), position)

    async def begin_anew(self, consumer: str) -> None:
        """Forget a consumer's position: it begins at the first line that the file has now.

        Raises `ConfigurationError` where no such consumer is known.
        """
        with self._readable():
            await asyncio.to_thread(PositionFile(self._path, consumer).forget)

    def _append(self, lines: bytes) -> None:
        try:
            append_lines(self._path, lines)
        except OSError as error:
            raise StreamUnavailableError(
                f"{self._path} took no lines: {error}; what was to be written waits, and is "
                "written again."
            ) from error

    def _skip(self, kept: PositionFile, byte: int) -> None:
        kept.see_that_it_is_known()
        with LineFile(self._path) as file:
            position = kept.load() or file.start()
            if not file.has(position):
                raise LostPositionError(
                    f"{self._path} is not the file that consumer {kept.consumer!r} has read up to "
                    f"byte {position.byte}. Put that file back, or call begin_anew."
                )
            if position.byte != byte:
                raise ConfigurationError(
                    f"consumer {kept.consumer!r} of {self._path} stands at byte {position.byte}, "
                    f"not {byte}: it has acknowledged what is in front of it, and nothing else. "
                    "Skip the line at which it stopped, after it has acknowledged the others."
                )
            line = file.line(byte)
            if line is None or _is_message(line):
                what = "no whole line" if line is None else "a message"
                raise ConfigurationError(
                    f"{self._path} has {what} at byte {byte}: only a line that cannot be decoded "
                    "is skipped."
                )
            kept.store(position.behind(line))

    def _decoded(self, line: bytes, byte: int, consumer: str) -> StreamMessage:
        try:
            return decode_line(line)
        except ValueError as error:
            raise UndecodableMessageError(
                f"{self._path}, byte {byte}: the line is no message: {error}. Consumer "
                f"{consumer!r} stays in front of it. Mend the line, or pass over it by "
                f"skip({consumer!r}, {byte}).",
                str(self._path),
                byte,
            ) from error

    @contextmanager
    def _readable(self) -> Generator[None, None, None]:
        try:
            yield
        except OSError as error:
            raise StreamUnavailableError(
                f"{self._path}, or a consumer's position beside it, cannot be used: {error}."
            ) from error


class AsyncJsonLinesOutput(AsyncAbstractStream):
    """Lines on standard output, or whatever else takes bytes; read by the next program."""

    def __init__(self, output: BinaryIO) -> None:
        self._output = output
        # A buffer would not say how much of it was written before an error.
        self._raw: BinaryIO = getattr(output, "raw", output)
        self._torn = b""

    async def publish(self, batch: Sequence[StreamMessage]) -> int:
        """Write the messages and flush them; only the pipe knows whether anybody reads them."""
        try:
            return await _publish(batch, self._write)
        except BrokenPipeError as error:
            raise StreamClosedError(
                "nobody reads the output any more; what was not written waits in the outbox: "
                "start the relay again with a reader."
            ) from error
        except OSError as error:
            raise StreamUnavailableError(f"the output took no lines: {error}.") from error

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


async def _publish(batch: Sequence[StreamMessage], write: Callable[[bytes], None]) -> int:
    """Write the messages in front of the first that no line can hold, and refuse that one."""
    lines, refusal = encode_prefix(batch, encode_line, "a line of UTF-8")
    if lines:
        await _aside(write, b"".join(lines))
    if refusal is not None:
        raise refusal
    return len(batch)


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


def _is_message(line: bytes) -> bool:
    try:
        decode_line(line)
    except ValueError:
        return False
    return True
