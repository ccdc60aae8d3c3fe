"""An application of fakes, and its commands, run in this process."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
import typer
from typer.testing import CliRunner, Result

from messagebus.adapters.typer import (
    DatabaseOption,
    Opener,
    command_group,
    database_commands,
    dead_letter_commands,
    event_commands,
    exit_with,
    outbox_commands,
    stream_commands,
)
from messagebus.errors import ConfigurationError
from messagebus.relay import (
    AsyncAbstractManagedOutbox,
    AsyncAbstractStream,
    DeadLetter,
    Delivery,
    LostPositionError,
    OutboxMessage,
    OutboxStatus,
    StreamMessage,
    UndecodableMessageError,
)

T = TypeVar("T")
Run = Callable[..., Result]
MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def envelope(number: int, payload: str = '{"name": "The first"}') -> Mapping[str, str]:
    return {
        "id": str(number),
        "created_at": "2026-01-02T04:04:05+01:00",
        "type": "parcel_sent_v1",
        "payload": payload,
    }


class Outbox(AsyncAbstractManagedOutbox):
    """Two dead letters, and three published envelopes, of which one can't be read."""

    def __init__(self) -> None:
        self.dead = {
            number: DeadLetter(number, MOMENT, "too\nlarge", StreamMessage(envelope(number), {}))
            for number in (2, 5)
        }
        self.envelopes = {1: envelope(1), 3: envelope(3, "no JSON"), 4: envelope(4)}
        self.undecodable: set[int] = set()

    async def waiting(self, limit: int) -> Sequence[OutboxMessage]:
        return ()

    async def mark_sent(self, positions: Sequence[int]) -> None: ...

    async def reject(self, position: int, reason: str) -> None: ...

    async def purge(self, retention: timedelta, limit: int) -> int:
        return 0

    async def status(self) -> OutboxStatus:
        return OutboxStatus(3, 1.5, 4, 1, len(self.dead))

    async def leader(self) -> str | None:
        return None

    async def published(
        self, after: int, limit: int = 1000
    ) -> Sequence[tuple[int, Mapping[str, Any]]]:
        for position, each in self.envelopes.items():
            if position > after and position in self.undecodable:
                raise UndecodableMessageError(f"position {position}", "parcels", position)
            if position > after:
                return [(position, each)]
        return ()

    async def before_last(self, number: int) -> int:
        return [0, *self.envelopes][-number - 1]

    async def dead_letters(self, after: int = 0, limit: int = 1000) -> Sequence[DeadLetter]:
        return [each for number, each in self.dead.items() if number > after][:limit]

    async def replay(self, position: int) -> int:
        return 0

    async def replay_dead_letters(self, positions: Sequence[int] | None = None) -> int:
        return await self.purge_dead_letters(positions)

    async def purge_dead_letters(self, positions: Sequence[int] | None = None) -> int:
        return sum(self.dead.pop(each, None) is not None for each in positions or [*self.dead])


class Stream(AsyncAbstractStream):
    """Skips the position 7 for `mail`, and has lost the position of `search`."""

    async def publish(self, batch: Sequence[StreamMessage]) -> int:
        return 0

    async def consume(self, consumer: str) -> AsyncGenerator[Delivery, None]:
        for delivery in list[Delivery]():
            yield delivery

    async def skip(self, consumer: str, position: int) -> None:
        if (consumer, position) != ("mail", 7):
            raise ConfigurationError(f"{consumer} does not stand at {position}")

    async def begin_anew(self, consumer: str) -> None:
        if consumer == "search":
            raise LostPositionError("the position of search is lost")


@dataclass
class Migrated:
    before: str | None
    broken: Sequence[object] = ()


@dataclass
class Tables:
    """Tables at some revision; the newest is 3, and later ones are unknown."""

    at: str | None = None
    wrong: Sequence[str] = ()
    broken: Sequence[object] = ()
    noted: Sequence[str] = ()
    copies: list[Path | None] = field(default_factory=list[Path | None])
    name: str = "parcels.db"
    newest: str = "3"
    upgrade: str = "parcels db upgrade"

    async def revision(self) -> str | None:
        return self.at

    def knows(self, revision: str) -> bool:
        return revision <= self.newest

    def mismatch(self, revision: str) -> str:
        return f"its tables are those of revision {revision}"

    async def migrate(self, backup: Path | None = None) -> Migrated:
        self.copies.append(backup)
        before, self.at = self.at, self.newest
        return Migrated(before, self.broken)

    async def differences(self) -> Sequence[str]:
        return self.wrong

    async def notes(self) -> Sequence[str]:
        return self.noted


@dataclass
class Application:
    """What the commands open, and which databases were asked for."""

    outbox: Outbox = field(default_factory=Outbox)
    stream: Stream = field(default_factory=Stream)
    tables: Tables = field(default_factory=Tables)
    opened: list[str | None] = field(default_factory=list[str | None])

    def opens(self, part: T) -> Opener[T]:
        @asynccontextmanager
        async def opener(database: str | None) -> AsyncGenerator[T, None]:
            self.opened.append(database)
            if database == "nowhere":
                raise exit_with(f"the database {database} cannot be used")
            yield part

        return opener


@pytest.fixture
def application() -> Application:
    return Application()


@pytest.fixture
def run(application: Application) -> Run:
    """Run the commands as a program called `parcels`."""
    app = command_group()
    app.callback()(choose)
    app.add_typer(event_commands(application.opens(application.outbox)))
    app.add_typer(outbox_commands(application.opens(application.outbox)), name="outbox")
    app.add_typer(dead_letter_commands(application.opens(application.outbox)), name="dead-letters")
    app.add_typer(stream_commands(application.opens(application.stream)), name="stream")
    app.add_typer(database_commands(application.opens(application.tables)), name="db")
    return lambda *arguments: CliRunner().invoke(app, [*arguments], prog_name="parcels")


def choose(context: typer.Context, database: DatabaseOption = None) -> None:
    context.obj = database
