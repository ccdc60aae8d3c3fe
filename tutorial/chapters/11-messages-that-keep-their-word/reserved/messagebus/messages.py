"""Commands and events: frozen facts with an identity, a time and class-wide metadata."""

import dataclasses
import datetime
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic
from uuid import UUID

from lastuuid import uuid7
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
)
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, core_schema
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


def _has_nested_types(schema: object) -> bool:
    if isinstance(schema, Mapping):
        if schema.get("type") in {"model", "dataclass", "definition-ref", "typed-dict"}:
            return True
        return any(map(_has_nested_types, schema.values()))
    return isinstance(schema, list | tuple) and any(map(_has_nested_types, schema))


def _checked(message: BaseModel) -> BaseModel:
    if message.__pydantic_extra__:
        message.__pydantic_extra__.pop("metadata", None)
    for name, value in message.__dict__.items():
        if not _finite(value):
            raise ValueError(f"{name} holds inf or NaN, which JSON cannot say")
    return message


def _finite(value: object) -> bool:
    match value:
        case float():
            return math.isfinite(value)
        case BaseModel():
            return all(map(_finite, value.__dict__.values()))
        case Mapping():
            return all(map(_finite, value.values()))
        case list() | tuple() | set() | frozenset():
            return all(map(_finite, value))
        case _ if dataclasses.is_dataclass(value):
            return all(_finite(getattr(value, part.name)) for part in dataclasses.fields(value))
        case _:
            return True


class Message(BaseModel):
    """The base of `Command` and `Event`: pydantic's validation, frozen, equal by content.

    `message_id` is a UUIDv7 and `created_at` an aware time in UTC; both are made with the
    message unless given, and take no part in equality, dumps or `repr`. `metadata` belongs
    to the class: no input can change it. A class that declares none is unpublished, named
    after itself, version 1.

    Raises pydantic's `ValidationError` for a naive time, and for inf or NaN in a float
    field, however deep.
    """

    model_config = ConfigDict(
        frozen=True, allow_inf_nan=False, ser_json_inf_nan="constants", validate_default=True
    )

    message_id: UUID = Field(
        default_factory=uuid7, exclude=True, repr=False, validate_default=False
    )
    """A UUIDv7, so that ids sort by the time at which they were made."""

    created_at: Annotated[AwareDatetime, AfterValidator(_in_utc)] = Field(
        default_factory=_utc_now, exclude=True, repr=False, validate_default=False
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
        cls._raise_if_reserved()
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
    def _raise_if_reserved(cls) -> None:
        """Raise where a subclass would put something else into the envelope's own fields."""
        for name in ("message_id", "created_at"):
            ours, theirs = Message.model_fields[name], cls.model_fields.get(name)
            if theirs is None or (theirs.annotation, theirs.metadata, theirs.exclude) != (
                ours.annotation,
                ours.metadata,
                ours.exclude,
            ):
                raise ConfigurationError(
                    f"{cls.__module__}.{cls.__qualname__} declares {name}; that is what the "
                    "message itself has, in the envelope and in no payload: "
                    "give the field another name."
                )

    @classmethod
    def _undeclared_metadata(cls) -> Metadata:
        if cls.__pydantic_generic_metadata__["origin"]:
            return cls.metadata
        own = {"name": cls.__name__, "schema_version": 1, "published": False}
        return cls.metadata.model_copy(update=own)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler, /
    ) -> CoreSchema:
        """Look for inf and NaN where a nested type's own configuration would let them in."""
        schema = handler(source)
        if _has_nested_types(schema.get("schema")) or cls.model_config.get("extra") == "allow":
            return core_schema.no_info_after_validator_function(_checked, schema)
        return schema

    def _content(self) -> dict[str, Any]:
        content = {**self.__dict__, **(self.__pydantic_extra__ or {})}
        del content["message_id"], content["created_at"]
        return content

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other) or not isinstance(other, Message):
            return NotImplemented
        return self._content() == other._content()

    def __hash__(self) -> int:
        return hash((type(self), *self._content().values()))


class Command(Message, Generic[TResult]):
    """An order to one handler, named in the imperative: `RegisterBook`.

    `Command[Answer]` lets checkers know what `handle` returns; a bare `Command` gives `Any`.
    """


class Event(Message):
    """A fact for any number of handlers, named in the past tense: `BookRegistered`."""
