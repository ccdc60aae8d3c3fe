"""Commands and events: frozen facts with an identity, a time and class-wide metadata."""

import dataclasses
import datetime
import functools
import inspect
import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, Self
from uuid import UUID

from lastuuid import uuid7
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    ValidationError,
)
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, core_schema
from typing_extensions import Format, TypeVar, get_annotations

from messagebus.errors import ConfigurationError


class Metadata(BaseModel):
    """What a message class says of itself; it never travels in a payload.

    `name` and `schema_version` make the type on the stream (`register_book_v1`);
    `published` decides whether the message goes to the stream at all. Subclass it to say
    more, and give the subclass to `GenericCommand` and `GenericEvent`.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    schema_version: int
    published: bool = False

    @property
    def stream_type(self) -> str:
        """The type on the stream: the name, and the version of the schema."""
        return f"{self.name}_v{self.schema_version}"


UNCHECKED = "__messagebus_sure__"
"""Lies beside the fields of a message that pydantic did not check, and hides its class's."""

TMetadata = TypeVar("TMetadata", bound=Metadata, default=Metadata, covariant=True)
T = TypeVar("T")
TResult = TypeVar("TResult", default=Any, covariant=True)


def _default_metadata(kind: type[Metadata], name: str) -> Metadata:
    try:
        return kind(name=name, schema_version=1)
    except ValidationError:
        return Metadata(name=name, schema_version=1)


def _factory(function: Callable[..., T], *args: object) -> Callable[[], T]:
    """Bind the arguments, and spare pydantic the slow look for a C function's signature.

    It looks twice for each class of messages, which costs 0.6 ms; a Python function in
    between would cost each message a tenth of a microsecond.
    """
    factory = functools.partial(function, *args)
    vars(factory)["__signature__"] = inspect.Signature()
    return factory


_new_id = _factory(uuid7)
_utc_now = _factory(datetime.datetime.now, datetime.UTC)


def _in_utc(moment: datetime.datetime) -> datetime.datetime:
    try:
        return moment.astimezone(datetime.UTC)
    except OverflowError as error:
        raise ValueError(f"{moment} is no date in UTC, whose years are 1 to 9999") from error


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
        try:
            finite = _finite(value)
        except RecursionError as error:
            raise ValueError(f"{name} is nested too deeply for JSON") from error
        if not finite:
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


class Message(BaseModel, Generic[TMetadata]):
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
        default_factory=_new_id, exclude=True, repr=False, validate_default=False
    )
    """A UUIDv7, so that ids sort by the time at which they were made."""

    created_at: Annotated[AwareDatetime, AfterValidator(_in_utc)] = Field(
        default_factory=_utc_now, exclude=True, repr=False, validate_default=False
    )
    """When the message was made, aware and in UTC; a time without an offset is refused."""

    if TYPE_CHECKING:
        metadata: TMetadata = Field(init=False)
    else:
        metadata: ClassVar[Metadata] = Metadata(name="Message", schema_version=1)

    __messagebus_sure__: ClassVar[type | None] = None
    """The class itself, once all of its messages are known to be read back equal."""

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
        if not declared.name or not 1 <= declared.schema_version < 10**9:
            raise ConfigurationError(
                f"{cls.__module__}.{cls.__qualname__} is {declared.stream_type!r} on the stream, "
                "which no reader takes: give its metadata a name, and a schema_version from 1 on."
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
        generic = cls.__pydantic_generic_metadata__
        for argument in generic["args"]:
            if isinstance(argument, type) and issubclass(argument, Metadata):
                return _default_metadata(argument, cls.__name__)
        if generic["origin"]:
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

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Copy the message with its id; what `update` holds is checked where the copy is kept."""
        copied = super().model_copy(update=update, deep=deep)
        if update:
            vars(copied)[UNCHECKED] = None
        return copied

    @classmethod
    def model_construct(cls, _fields_set: set[str] | None = None, **values: Any) -> Self:
        """Make a message of trusted values; they are checked where it is kept."""
        made = super().model_construct(_fields_set, **values)
        vars(made)[UNCHECKED] = None
        return made

    def _content(self) -> dict[str, Any]:
        held = self.__dict__
        content = {name: held[name] for name in type(self).model_fields if name in held}
        del content["message_id"], content["created_at"]
        return {**content, **(self.__pydantic_extra__ or {})}

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other) or not isinstance(other, Message):
            return NotImplemented
        return self._content() == other._content()

    def __hash__(self) -> int:
        return hash((type(self), *self._content().values()))


class GenericCommand(Message[TMetadata], Generic[TMetadata, TResult]):
    """A command with a metadata class of its own; `TResult` is what its handler returns."""


class Command(GenericCommand[Metadata, TResult], Generic[TResult]):
    """An order to one handler, named in the imperative: `RegisterBook`.

    `Command[Answer]` lets checkers know what `handle` returns; a bare `Command` gives `Any`.
    """


class GenericEvent(Message[TMetadata], Generic[TMetadata]):
    """An event with a metadata class of its own."""


class Event(GenericEvent[Metadata]):
    """A fact for any number of handlers, named in the past tense: `BookRegistered`."""
