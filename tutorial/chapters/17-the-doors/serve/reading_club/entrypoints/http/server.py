"""The club's server: HTTP, and the relay beside it."""

from pathlib import Path
from urllib.parse import urlsplit

import uvicorn

from messagebus.adapters.jsonlines import AsyncJsonLinesStream
from messagebus.adapters.sqlalchemy import AsyncSqlOutbox, leader_of
from messagebus.relay import AsyncRelay
from reading_club.adapters.tables import eventstore
from reading_club.bootstrap import ReadingClub, Settings
from reading_club.entrypoints.http.app import create_app


def relay_of(club: ReadingClub, settings: Settings) -> AsyncRelay:
    """What tells the club's news to the stream that the settings name."""
    return AsyncRelay(
        AsyncSqlOutbox(club.database, eventstore),
        AsyncJsonLinesStream(Path(urlsplit(settings.stream).path)),
        leader_of(club.database, eventstore),
    )


async def serve(club: ReadingClub, settings: Settings, host: str, port: int) -> None:
    """Answer requests, and tell the news, until SIGTERM or SIGINT."""
    config = uvicorn.Config(create_app(club), host=host, port=port, log_level="warning")
    async with relay_of(club, settings):
        await uvicorn.Server(config).serve()
