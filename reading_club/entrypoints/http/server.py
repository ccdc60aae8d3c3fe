"""The club's server: HTTP, the feed, and the relay beside them, until a signal ends all three."""

import asyncio
import contextlib
import gc
import socket
from collections.abc import AsyncGenerator, Callable, Generator

import structlog
import uvicorn
from structlog.typing import FilteringBoundLogger

from messagebus.relay import AsyncRelay, stopped_by_signals
from reading_club.bootstrap import ReadingClub
from reading_club.entrypoints.http.app import create_app

_log: FilteringBoundLogger = structlog.get_logger(__name__)
_GRACE = 10
"""Seconds that requests have to come to their end."""


class _Server(uvicorn.Server):
    """Leaves the signals to us: uvicorn would raise them again, before the relay has ended."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


async def serve(club: ReadingClub, listening: socket.socket, *, with_relay: bool) -> None:
    """Answer requests until SIGTERM or SIGINT, or until the relay cannot go on."""
    relay, feed = club.relay(), club.feed()
    async with feed or contextlib.nullcontext():
        config = uvicorn.Config(
            create_app(club, feed, committed=relay.wake),
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=_GRACE,
        )
        server = _Server(config)

        def stop() -> None:
            if feed is not None:
                feed.close()
            server.should_exit = True

        # What the start has made stays to the end; to look it through again costs a request 6 %.
        gc.collect()
        gc.freeze()
        host, port = listening.getsockname()[:2]
        host = f"[{host}]" if ":" in host else host
        _log.info(
            "serving",
            url=f"http://{host}:{port}",
            database=club.settings.database_name,
            authentication="none" if club.settings.granted is None else "tokens",
        )
        with stopped_by_signals(stop):
            async with _beside(relay, stop) if with_relay else contextlib.nullcontext():
                await server.serve(sockets=[listening])
    _log.info("ended")


@contextlib.asynccontextmanager
async def _beside(relay: AsyncRelay, stop: Callable[[], None]) -> AsyncGenerator[None, None]:
    """Let the relay run meanwhile; where it cannot go on, the server ends with its error."""
    sending = asyncio.create_task(relay.run(), name="relay")
    sending.add_done_callback(lambda _: stop())
    try:
        yield
    finally:
        relay.stop()
        await sending
