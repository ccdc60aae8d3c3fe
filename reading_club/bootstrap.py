"""The one place where the club's parts are put together."""

import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Literal, TypedDict, TypeVar

from pydantic import Field, PositiveInt, SecretStr, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
    SettingsError,
)
from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    BlockingDatabase,
    DatabaseUnavailableError,
    MigrationError,
    RetryableTransactionError,
    open_database,
    open_sync_database,
    retry_transaction,
    shown_url,
)
from messagebus.telemetry import AsyncObservedMessageBus, Observer, observed_unit_of_work
from reading_club.adapters import addresses
from reading_club.adapters.schema import migrate, refuse_other, revision
from reading_club.adapters.tokens import Tokens
from reading_club.adapters.uow import ClubUnitOfWork
from reading_club.service.uow import StaleModelError

T = TypeVar("T")
TRIES = 30
"""How often a unit of work is run where others are faster: of fifty on one book, ten is too few."""

SECRETS_DIR = "READING_CLUB_SECRETS_DIR"
"""A folder of files named as the variables are, in lower case, as systemd and containers have."""


class Limits(TypedDict):
    """What `open_database` is told beside the URL."""

    pool_size: int
    statement_timeout: float
    patience: float
    transaction_pooling: bool


class Settings(BaseSettings):
    """What can be set from outside, by variables whose names begin with `READING_CLUB_`.

    What is secret may lie in a file instead: the folder is named by `READING_CLUB_SECRETS_DIR`, the
    file as the variable, in lower case.
    """

    model_config = SettingsConfigDict(env_prefix="READING_CLUB_", hide_input_in_errors=True)

    database_url: SecretStr = SecretStr(f"{addresses.SQLITE}reading-club.db")
    """`postgresql://…`, `sqlite:///PATH`, or the path of an SQLite file."""

    pool_size: Annotated[int, Field(ge=2)] = 10
    """How many connections to PostgreSQL there are at once; a relay that leads keeps one."""

    statement_timeout: Annotated[float, Field(ge=0, le=86_400)] = 30.0
    """Seconds after which PostgreSQL ends a statement, at most a day; a server that has not
    answered two seconds later is given up. With 0 it is told no limit, and ours is 32 seconds."""

    connection_timeout: Annotated[float, Field(gt=0, le=3_600)] = 10.0
    """Seconds that a unit of work waits for a connection, or for another writer of an SQLite
    file."""

    ready_timeout: Annotated[float, Field(gt=0, le=3_600)] = 5.0
    """Seconds after which `/readyz` says that a database which has not answered is away."""

    transaction_pooling: bool = False
    """A pooler, such as PgBouncer in transaction mode, stands before PostgreSQL: no setting goes
    into the start-up packet, no statement is prepared, and no relay can lead."""

    stream: SecretStr = SecretStr("sql")
    """`sql` for a table of the same database, `file:///PATH` for lines of JSON, `-` for stdout."""

    retention_days: Annotated[float, Field(gt=0, le=36_500)] | None = None
    """After how many days, at most a hundred years, the relay deletes what it has sent, and what
    the SQL stream's consumers have acknowledged; nothing without it."""

    most_waiting: PositiveInt = 10_000
    """With more events waiting for the relay, the HTTP door says that it is not ready."""

    tokens: SecretStr | None = None
    """Who may use the HTTP API: one line or comma for each `NAME read TOKEN` or `NAME write TOKEN`,
    best in a file. Without it nobody is asked, and the server listens on loopback alone, unless
    `--no-authentication` is given."""

    log_json: bool = False
    """Log JSON, one object a line; without it, lines for people. So does `--log-json`."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """`debug`, `info`, `warning` or `error`: what matters less is not logged."""

    traces: bool = False
    """Make OpenTelemetry's spans, with the extra `opentelemetry`; its SDK says where they go."""

    metrics_port: Annotated[int, Field(gt=0, lt=65_536)] | None = None
    """Show metrics at `http://HOST:PORT/metrics`, with the extra `prometheus`; none without it."""

    metrics_host: str = "127.0.0.1"
    """Where the metrics are shown."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then variables, then the files of the folder that `…_SECRETS_DIR` names."""
        folder = os.environ.get(SECRETS_DIR)
        if folder is None:
            return init_settings, env_settings
        if not os.path.exists(folder):
            raise SettingsError(f"there is no folder {folder!r}: no secret is read from it")
        return init_settings, env_settings, SecretsSettingsSource(settings_cls, folder)

    @field_validator("stream")
    @classmethod
    def _flowing(cls, given: SecretStr) -> SecretStr:
        addresses.stream_file(given.get_secret_value())
        return given

    @field_validator("database_url")
    @classmethod
    def _known(cls, given: SecretStr) -> SecretStr:
        addresses.database_url(given.get_secret_value())
        return given

    @field_validator("tokens")
    @classmethod
    def _granting(cls, given: SecretStr | None) -> SecretStr | None:
        if given is not None:
            Tokens(given.get_secret_value())
        return given

    @property
    def granted(self) -> Tokens | None:
        """The tokens and what they allow; `None` where nobody is asked for one."""
        return (Tokens(self.tokens.get_secret_value()) if self.tokens else None) or None

    @property
    def url(self) -> URL:
        """The database, for SQLAlchemy."""
        return addresses.database_url(self.database_url.get_secret_value())

    @property
    def limits(self) -> Limits:
        """How the database is opened: how many connections, and for how long anybody waits."""
        return {
            "pool_size": self.pool_size,
            "statement_timeout": self.statement_timeout,
            "patience": self.connection_timeout,
            "transaction_pooling": self.transaction_pooling,
        }

    @property
    def database_name(self) -> str:
        """The database as people may read it: a file, or a URL without its password."""
        if self.url.get_backend_name() == "sqlite":
            return str(self.url.database)
        return shown_url(self.url)


class StorageError(Exception):
    """The database cannot be used; the message names it and says why."""


class ReadingClub:
    """The club at work: a bus with its handlers, and units of work on its database."""

    def __init__(self, database: AsyncSqlDatabase, observers: Sequence[Observer] = ()) -> None:
        self.database = database
        self.observers = observers
        self.bus = AsyncObservedMessageBus(*observers)
        self.bus.scan("reading_club.service.handlers")
        self._unit_of_work = observed_unit_of_work(ClubUnitOfWork, *observers)
        self.uow = self._unit_of_work(database)
        self.reader = ClubUnitOfWork(database, read_only=True)
        """Takes no writer's turn, and cannot change anything."""

    async def run(
        self, work: Callable[[ClubUnitOfWork], Awaitable[T]], *, actor: str | None = None
    ) -> T:
        """Run a whole unit of work, again where another transaction was in its way.

        The journal keeps with each of its messages that `actor` asked for it.
        """
        if actor is not None:
            work = _acted(work, actor)
        again = (RetryableTransactionError, StaleModelError)
        return await retry_transaction(
            self._unit_of_work(self.database), work, on=again, attempts=TRIES
        )


def _acted(
    work: Callable[[ClubUnitOfWork], Awaitable[T]], actor: str
) -> Callable[[ClubUnitOfWork], Awaitable[T]]:
    async def acted(transaction: ClubUnitOfWork) -> T:
        transaction.messages.actor = actor
        return await work(transaction)

    return acted


@asynccontextmanager
async def open_storage(
    settings: Settings, *, blocking: bool = False
) -> AsyncGenerator[AsyncSqlDatabase, None]:
    """Open the club's database, whatever tables it has, and close it at the end.

    With `blocking` the loop itself waits for it, at less cost: for who has nothing else to do.
    """
    limits = settings.limits
    database = (
        BlockingDatabase(open_sync_database(settings.url, **limits))
        if blocking
        else open_database(settings.url, **limits)
    )
    try:
        yield database
    except DatabaseUnavailableError as error:
        raise StorageError(str(error)) from error
    except (DBAPIError, RetryableTransactionError, MigrationError) as error:
        reason = error.orig if isinstance(error, DBAPIError) else error
        raise StorageError(
            f"the database {settings.database_name} cannot be used: {reason}"
        ) from error
    finally:
        await database.close()


@asynccontextmanager
async def open_club(
    settings: Settings, *, blocking: bool = False, observers: Sequence[Observer] = ()
) -> AsyncGenerator[ReadingClub, None]:
    """Open the club's database, make the tables where there are none, and close it at the end.

    `observers` watch what the club does, and slow it down by what they do themselves.
    Raises `StorageError` for the tables of another release: they are migrated when asked for.
    """
    async with open_storage(settings, blocking=blocking) as database:
        found = await database.run(revision, read_only=True)
        if found is None:
            await migrate(database)
        else:
            refuse_other(found)
        yield ReadingClub(database, observers)
