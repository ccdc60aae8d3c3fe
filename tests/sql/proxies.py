"""Servers between a client and PostgreSQL: a proxy that falls silent, and a pooler."""

import asyncio
import struct
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

Serve = Callable[[StreamReader, StreamWriter], Awaitable[None]]


class SilentProxy:
    """Passes bytes until it is told to be silent; then it keeps the connections, and no more."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._server = urlsplit(url)
        self._silent = asyncio.Event()

    def fall_silent(self) -> None:
        self._silent.set()

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        if self._silent.is_set():
            await asyncio.Event().wait()
        responses, requests = await asyncio.open_connection(
            self._server.hostname, self._server.port
        )

        async def pass_on(source: StreamReader, target: StreamWriter) -> None:
            while data := await source.read(65536):
                if self._silent.is_set():
                    await asyncio.Event().wait()
                target.write(data)
                await target.drain()
            target.close()

        try:
            await asyncio.gather(pass_on(reader, requests), pass_on(responses, writer))
        finally:
            requests.close()


class TransactionPooler:
    """Two sessions on the server for any number of clients, which change after each transaction."""

    KNOWN = frozenset({"user", "database", "client_encoding", "datestyle", "timezone"}) | {
        "standard_conforming_strings",
        "application_name",
    }

    def __init__(self, url: str) -> None:
        self._server = urlsplit(url)
        self._sessions: asyncio.Queue[tuple[StreamReader, StreamWriter]] = asyncio.Queue()
        self._requests: list[StreamWriter] = []

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        packet = await self._startup(reader, writer)
        names = {name.decode().lower() for name in packet[8:].rstrip(b"\0").split(b"\0")[::2]}
        if unknown := names - self.KNOWN:
            text = f"SFATAL\0C08P01\0Munsupported startup parameter: {min(unknown)}\0\0".encode()
            writer.write(b"E" + struct.pack("!i", len(text) + 4) + text)
            writer.close()
            return
        while len(self._requests) < 2:
            await self._open(packet)
        writer.write(self._greeting)
        next_message: asyncio.Future[bytes] = asyncio.ensure_future(_message(reader))
        while (message := await next_message)[:1] not in (b"", b"X"):
            session = await self._sessions.get()
            next_message = await self._transaction(message, reader, writer, session)
            self._sessions.put_nowait(session)
        writer.close()

    def close(self) -> None:
        for requests in self._requests:
            requests.close()

    async def _startup(self, reader: StreamReader, writer: StreamWriter) -> bytes:
        while True:
            size = await reader.readexactly(4)
            rest = await reader.readexactly(struct.unpack("!i", size)[0] - 4)
            if len(rest) > 4:
                return size + rest
            writer.write(b"N")

    async def _open(self, packet: bytes) -> None:
        reader, writer = await asyncio.open_connection(self._server.hostname, self._server.port)
        self._requests.append(writer)
        writer.write(packet)
        greeting = b""
        while message := await _message(reader):
            greeting += message
            if message[:1] == b"Z":
                break
        self._greeting = greeting
        self._sessions.put_nowait((reader, writer))

    async def _transaction(
        self,
        message: bytes,
        reader: StreamReader,
        writer: StreamWriter,
        session: tuple[StreamReader, StreamWriter],
    ) -> asyncio.Future[bytes]:
        """Let the client have the session; return the future of its next message."""
        responses, requests = session
        waiting = 0

        async def answer() -> None:
            nonlocal waiting
            while part := await _message(responses):
                writer.write(part)
                if part[:1] == b"Z":
                    waiting -= 1
                    if part[-1:] == b"I" and not waiting:
                        return

        answering = asyncio.ensure_future(answer())
        while True:
            requests.write(message)
            waiting += message[:1] in (b"Q", b"S")
            next_message = asyncio.ensure_future(_message(reader))
            await asyncio.wait([answering, next_message], return_when=asyncio.FIRST_COMPLETED)
            if answering.done():
                return next_message
            message = await next_message
            if not message:
                return next_message


async def _message(reader: StreamReader) -> bytes:
    try:
        head = await reader.readexactly(5)
        return head + await reader.readexactly(struct.unpack("!i", head[1:])[0] - 4)
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""


@asynccontextmanager
async def listening(serve: Serve, url: str) -> AsyncGenerator[str, None]:
    """The URL by which clients reach it; connections that they leave open are closed at the end."""
    tasks: list[asyncio.Future[None]] = []

    async def accept(reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.ensure_future(serve(reader, writer))
        tasks.append(task)
        await asyncio.wait([task])
        writer.transport.abort()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    yield urlsplit(url)._replace(netloc=f"postgres@127.0.0.1:{port}").geturl()
    server.close()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(0)
