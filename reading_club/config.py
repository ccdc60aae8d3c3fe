"""What can be set from outside: variables of the environment, and files of secrets."""

import os
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal, TypedDict

from pydantic import Field, PositiveInt, SecretStr, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
    SettingsError,
)
from sqlalchemy import URL

from messagebus.adapters.jsonlines import file_path
from messagebus.adapters.redis_address import RedisAddress, redis_address
from messagebus.adapters.sqlalchemy import database_url, shown_url
from messagebus.adapters.tokens import Tokens

SECRETS_DIR = "READING_CLUB_SECRETS_DIR"
"""A folder of files named as the variables are, in lower case, as systemd and containers have."""


def misspelt_variables(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Variables with the settings' prefix that are no setting, each with the nearest setting."""
    prefix = Settings.model_config.get("env_prefix", "")
    known = {SECRETS_DIR, *(f"{prefix}{name.upper()}" for name in Settings.model_fields)}
    unknown = [each for each in environ if each.upper().startswith(prefix)]
    nearest = {
        each: get_close_matches(each.upper(), known, n=1, cutoff=0.85)
        for each in unknown
        if each.upper() not in known
    }
    return {each: found[0] for each, found in nearest.items() if found}


def _stream_place(address: SecretStr) -> Path | RedisAddress | None:
    text = address.get_secret_value()
    if text in ("sql", "-"):
        return None
    if text.startswith(("redis:", "rediss:")):
        return redis_address(text, "reading_club")
    try:
        return file_path(text)
    except ValueError as error:
        raise ValueError(
            f"it is no stream of the club's, neither sql nor - nor redis://, and {error}"
        ) from None


class Limits(TypedDict):
    """What `open_database` is told beside the URL."""

    pool_size: int
    statement_timeout: float
    timeout: float
    transaction_pooling: bool


class Settings(BaseSettings):
    """What can be set from outside, by variables whose names begin with `READING_CLUB_`.

    What is secret may lie in a file instead: the folder is named by `READING_CLUB_SECRETS_DIR`, the
    file as the variable, in lower case.
    """

    model_config = SettingsConfigDict(env_prefix="READING_CLUB_", hide_input_in_errors=True)

    database_url: SecretStr = SecretStr("sqlite:///reading-club.db")
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
    """`sql` for a table of the same database, `redis://HOST:PORT/DB?stream=NAME` for a stream in
    Redis, with the extra `redis`, `file:///PATH` for lines of JSON, `-` for stdout."""

    retention_days: Annotated[float, Field(gt=0, le=36_500)] | None = None
    """After how many days, at most a hundred years, the relay deletes what it has sent, and what
    the consumers of an SQL or Redis stream have acknowledged; nothing without it."""

    most_waiting: PositiveInt = 10_000
    """With more events waiting for the relay, `/readyz` says that it is not ready."""

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
    def _flowing(cls, value: SecretStr) -> SecretStr:
        _stream_place(value)
        return value

    @field_validator("database_url")
    @classmethod
    def _known(cls, value: SecretStr) -> SecretStr:
        database_url(value.get_secret_value())
        return value

    @field_validator("tokens")
    @classmethod
    def _granting(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            Tokens(value.get_secret_value())
        return value

    @property
    def granted(self) -> Tokens | None:
        """The tokens and what they allow; `None` where nobody is asked for one."""
        return (Tokens(self.tokens.get_secret_value()) if self.tokens else None) or None

    @property
    def url(self) -> URL:
        """The database, for SQLAlchemy."""
        return database_url(self.database_url.get_secret_value())

    @property
    def stream_place(self) -> Path | RedisAddress | None:
        """The file or the Redis of the stream; `None` for `sql` and `-`."""
        return _stream_place(self.stream)

    @property
    def limits(self) -> Limits:
        """How the database is opened: how many connections, and for how long anybody waits."""
        return {
            "pool_size": self.pool_size,
            "statement_timeout": self.statement_timeout,
            "timeout": self.connection_timeout,
            "transaction_pooling": self.transaction_pooling,
        }

    @property
    def database_name(self) -> str:
        """The database as people may read it: a file, or a URL without its password."""
        if self.url.get_backend_name() == "sqlite":
            return str(self.url.database)
        return shown_url(self.url)
