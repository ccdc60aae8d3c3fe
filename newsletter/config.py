"""The newsletter's settings: variables of the environment."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import URL

from messagebus.adapters.sqlalchemy import database_url

Days = Annotated[float, Field(gt=0, le=36_500)]


class Settings(BaseSettings):
    """What can be set from outside, by variables whose names begin with `NEWSLETTER_`."""

    model_config = SettingsConfigDict(env_prefix="NEWSLETTER_", hide_input_in_errors=True)

    database_url: SecretStr = SecretStr("sqlite:///newsletter.db")
    """`postgresql://…`, `sqlite:///PATH`, or the path of an SQLite file."""

    stream: SecretStr = SecretStr("sqlite:///reading-club.db")
    """Where the club's relay publishes: the database of an SQL stream,
    `redis://HOST:PORT/DB?stream=NAME`, `file:///PATH` for lines of JSON, or `sql` for a stream's
    tables in the newsletter's own database."""

    retention_days: Days | None = None
    """After how many days the inbox forgets a message that was applied; never without it."""

    replay_days: Days | None = None
    """How far back the club's operator may replay messages. The retention must not be shorter."""

    log_json: bool = False
    """Log JSON, one object a line."""

    @field_validator("database_url")
    @classmethod
    def _check_database(cls, value: SecretStr) -> SecretStr:
        database_url(value.get_secret_value())
        return value

    @property
    def url(self) -> URL:
        """The database, for SQLAlchemy."""
        return database_url(self.database_url.get_secret_value())

    @property
    def retention(self) -> timedelta | None:
        """How long the inbox keeps messages."""
        return None if self.retention_days is None else timedelta(days=self.retention_days)

    @property
    def replay(self) -> timedelta | None:
        """How old a message may be when the club publishes it again."""
        return None if self.replay_days is None else timedelta(days=self.replay_days)
