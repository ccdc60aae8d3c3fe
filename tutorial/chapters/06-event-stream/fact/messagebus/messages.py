"""Commands and events: frozen facts with an identity, a time and metadata."""

import datetime
from typing import Any, Generic
from uuid import UUID

from lastuuid import uuid7
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypeVar

TResult = TypeVar("TResult", default=Any, covariant=True)


def _utc_now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


class Metadata(BaseModel):
    """What a message class says of itself; it never travels in a payload.

    `name` and `schema_version` make the type on the stream (`register_book_v1`);
    `published` decides whether the message goes to the stream at all.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    schema_version: int
    published: bool = False


class Message(BaseModel):
    """Pydantic's validation, frozen, equal by content; its id and time are its own."""

    model_config = ConfigDict(frozen=True)

    message_id: UUID = Field(default_factory=uuid7, exclude=True, repr=False)
    created_at: datetime.datetime = Field(default_factory=_utc_now, exclude=True, repr=False)
    metadata: Metadata = Metadata(name="message", schema_version=1)

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other) or not isinstance(other, Message):
            return NotImplemented
        return self.model_dump() == other.model_dump()

    def __hash__(self) -> int:
        return hash((type(self), *self.model_dump().values()))


class Command(Message, Generic[TResult]):
    """An order to one handler, named in the imperative: `RegisterBook`.

    `Command[Answer]` lets checkers know what its handler returns.
    """


class Event(Message):
    """A fact for any number of handlers, named in the past tense: `BookRegistered`."""
