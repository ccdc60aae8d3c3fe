"""Commands and events: frozen facts with an identity, a time and class-wide metadata."""

import datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic
from uuid import UUID

from lastuuid import uuid7
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
)
from pydantic.fields import FieldInfo
from typing_extensions import Format, TypeVar, get_annotations

from messagebus.errors import ConfigurationError


class Metadata(BaseModel):
    """What a message class says of itself; it never travels in a payload.

    `name` and `schema_version` make the type on the stream (`register_book_v1`);
    `published` decides whether the message goes to the stream at all.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    schema_version: int
    published: bool = False

    @property
    def stream_type(self) -> str:
        """The type on the stream: the name, and the version of the schema."""
        return f"{self.name}_v{self.schema_version}"


TResult = TypeVar("TResult", default=Any, covariant=True)


def _utc_now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _in_utc(moment: datetime.datetime) -> datetime.datetime:
    return moment.astimezone(datetime.UTC)


class Message(BaseModel):
    """The base of `Command` and `Event`: pydantic's validation, frozen, equal by content.

    `message_id` is a UUIDv7 and `created_at` an aware time in UTC; both are made with the
    message unless given, and take no part in equality, dumps or `repr`. `metadata` belongs
    to the class: no input can change it. A class that declares none is unpublished, named
    after itself, version 1.

    Raises pydantic's `ValidationError` for a naive time.
    """

    model_config = ConfigDict(frozen=True)

    message_id: UUID = Field(default_factory=uuid7, exclude=True, repr=False)
    """A UUIDv7, so that ids sort by the time at which they were made."""

    created_at: Annotated[AwareDatetime, AfterValidator(_in_utc)] = Field(
        default_factory=_utc_now, exclude=True, repr=False
    )
    """When the message was made, aware and in UTC; a time without an offset is refused."""

    if TYPE_CHECKING:
        metadata: Metadata = Field(init=False)
    else:
        metadata: ClassVar[Metadata] = Metadata(name="Message", schema_version=1)

    def __init_subclass__(cls, **options: Any) -> None:
        """Take `metadata` out of the fields before pydantic collects them."""
        super().__init_subclass__(**options)
        annotations = get_annotations(cls, format=Format.FORWARDREF)
        if "metadata" in annotations:
            cls.__annotations__ = {**annotations, "metadata": ClassVar[Metadata]}

    @classmethod
    def __pydantic_init_subclass__(cls, **options: Any) -> None:
        super().__pydantic_init_subclass__(**options)
        declared = cls.__dict__.get("metadata")
        if isinstance(declared, FieldInfo):
            declared = declared.default
        if declared is None:
            declared = cls._undeclared_metadata()
        if not isinstance(declared, Metadata):
            raise ConfigurationError(
                f"{cls.__module__}.{cls.__qualname__} declares its metadata as {declared!r}; "
                "a message's metadata is an instance of Metadata: "
                f'write metadata: Metadata = Metadata(name="…", schema_version=1).'
            )
        type.__setattr__(cls, "metadata", declared)

    @classmethod
    def _undeclared_metadata(cls) -> Metadata:
        if cls.__pydantic_generic_metadata__["origin"]:
            return cls.metadata
        own = {"name": cls.__name__, "schema_version": 1, "published": False}
        return cls.metadata.model_copy(update=own)

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other) or not isinstance(other, Message):
            return NotImplemented
        return self.model_dump() == other.model_dump()

    def __hash__(self) -> int:
        return hash((type(self), *self.model_dump().values()))


class Command(Message, Generic[TResult]):
    """An order to one handler, named in the imperative: `RegisterBook`.

    `Command[Answer]` lets checkers know what `handle` returns; a bare `Command` gives `Any`.
    """


class Event(Message):
    """A fact for any number of handlers, named in the past tense: `BookRegistered`."""
