"""Whether a message can be read back from its JSON as what it was.

Messages are read in pydantic's JSON mode, which strict classes need, by field names and aliases.
A class whose types all read what they write costs nothing: that is decided once. What has
validators, serializers, secrets or excluded fields is read back and compared each time.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import to_json

from messagebus.errors import SerializationError
from messagebus.messages import UNCHECKED, Message
from messagebus.serialization.checks import ENVELOPE_FIELDS, ModelCheck, check_of, unknown

TMessage = TypeVar("TMessage", bound=Message[Any])

_CHECK = "__messagebus_roundtrip__"


def read_message(
    kind: type[TMessage], content: Mapping[str, Any], message_id: object, created_at: object
) -> TMessage:
    """Make the message of what its envelope holds; raise what pydantic and its validators raise."""
    complete = {**content, "message_id": message_id, "created_at": created_at}
    return _read(kind, to_json(complete))


def _read(kind: type[TMessage], envelope: str | bytes) -> TMessage:
    return kind.model_validate_json(envelope, by_alias=True, by_name=True)


def is_sure(message: Message[Any]) -> bool:
    """Whether the message's class, or at least what it holds, is sure to be read back equal."""
    check = vars(type(message)).get(_CHECK, _decide)
    return check(message) and UNCHECKED not in message.__dict__


def require_equal(message: Message[Any], message_id: str, created_at: str, payload: str) -> None:
    """Read the message back; raise `SerializationError` where it is not what it was."""
    kind, name = type(message), type(message).__qualname__
    content = "{" if payload == "{}" else f"{payload[:-1]}, "
    complete = f'{content}"message_id": "{message_id}", "created_at": "{created_at}"}}'
    try:
        back = _read(kind, complete)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join([name, *map(str, first["loc"])])
        raise SerializationError(
            f"{where} would not be read back ({first['msg']}): "
            "let the class read what it writes, by validators and serializers that agree"
        ) from error
    alike = vars(back) == vars(message) and back.__pydantic_extra__ == message.__pydantic_extra__
    if alike and kind.__eq__ is Message.__eq__:
        return
    if back != message or back.message_id != message.message_id:
        where, value, other = _difference(name, message, back)
        held, read = type(value).__qualname__, type(other).__qualname__
        read = f"another {read}" if read == held else read
        raise SerializationError(
            f"{where} holds {held}, which would be read back as {read}: "
            "annotate the field with a type that says all that JSON has to"
        )


def _difference(path: str, value: Any, other: Any) -> tuple[str, Any, Any]:
    """Where two values differ first, and by what."""
    parts: list[tuple[str, Any, Any]] = []
    if type(value) is type(other):
        if isinstance(value, BaseModel):
            ours, theirs = vars(value), vars(other)
            names = [name for name in ours if name not in ENVELOPE_FIELDS]
            parts = [(f".{name}", ours[name], theirs.get(name)) for name in names]
        elif isinstance(value, dict):
            parts = [(f"[{key!r}]", each, other.get(key)) for key, each in value.items()]
        elif isinstance(value, list | tuple):
            parts = [(f"[{i}]", *each) for i, each in enumerate(zip(value, other, strict=False))]
    for step, ours, theirs in parts:
        if ours != theirs:
            return _difference(path + step, ours, theirs)
    return path, value, other


def _decide(message: Message[Any]) -> bool:
    """Choose the check of the message's class, and keep it there."""
    kind = type(message)
    check = check_of(kind.__pydantic_core_schema__, {}) or unknown
    if _looks_ahead(kind.__pydantic_core_schema__):
        check = _passes_in_time
    elif isinstance(check, ModelCheck) and unknown in check.fields.values():
        check = unknown
    if isinstance(check, ModelCheck) and not check.fields:
        type.__setattr__(kind, "__messagebus_sure__", kind)
    type.__setattr__(kind, _CHECK, check)
    return check(message)


def _looks_ahead(schema: Any) -> bool:
    if isinstance(schema, Mapping):
        parts = [part for key, part in schema.items() if key not in ("default", "metadata")]
        return schema.get("now_op") == "future" or any(map(_looks_ahead, parts))
    return isinstance(schema, list | tuple) and any(map(_looks_ahead, schema))


def _passes_in_time(message: Message[Any]) -> bool:
    raise SerializationError(
        f"{type(message).__qualname__} has a field that takes the future alone, and would not be "
        "read back once that has come: annotate it with date or AwareDatetime, and check it where "
        "the message is handled"
    )
