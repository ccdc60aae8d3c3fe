"""Whether a message can be read back from its JSON as what it was: decided once for each class.

Messages are read in pydantic's JSON mode, which strict classes need, by field names and aliases.
A class whose types all read what they write costs nothing. `Any`, fields of models and times in a
zone are checked in each message, because a value may say more than JSON does. What
has validators, serializers, secrets or excluded fields is read back and compared each time.
"""

import datetime
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import TzInfo, to_json

from messagebus.errors import SerializationError
from messagebus.messages import UNCHECKED, Message

TMessage = TypeVar("TMessage", bound=Message[Any])
Schema = Mapping[str, Any]
Check = Callable[[Any], bool]
"""Says of a value whether it is sure to be read back equal; otherwise it has to be tried."""

ENVELOPE_FIELDS = ("message_id", "created_at")
_CHECK = "tx_roundtrip_check"
_MINUTE = datetime.timedelta(minutes=1)
_SCALARS = {"str", "int", "float", "bool", "none", "uuid", "date", "decimal", "timedelta", "bytes"}
_ANY: Schema = {"type": "any"}
_TEXT: Schema = {"type": "str"}
_KEYS = {"str", "int", "uuid", "date", "enum"}
_HARMLESS_SETTINGS = {
    *("title", "strict", "frozen", "from_attributes", "validate_default", "hide_input_in_errors"),
    *("str_strip_whitespace", "str_min_length", "str_max_length", "coerce_numbers_to_str"),
    *("populate_by_name", "validate_by_name", "validate_by_alias", "serialize_by_alias"),
    *("loc_by_alias", "revalidate_instances", "regex_engine"),
    *("allow_inf_nan", "ser_json_inf_nan", "extra_fields_behavior"),
}


def read_message(
    kind: type[TMessage], content: Mapping[str, Any], message_id: object, created_at: object
) -> TMessage:
    """Make the message of what its envelope holds; raise what pydantic and its validators raise."""
    whole = {**content, "message_id": message_id, "created_at": created_at}
    return _read(kind, to_json(whole))


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
    whole = f'{content}"message_id": "{message_id}", "created_at": "{created_at}"}}'
    try:
        back = _read(kind, whole)
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
    check = _check_of(kind.__pydantic_core_schema__, {}) or _unknown
    if _looks_ahead(kind.__pydantic_core_schema__):
        check = _passes_in_time
    elif isinstance(check, _ModelCheck) and _unknown in check.fields.values():
        check = _unknown
    if isinstance(check, _ModelCheck) and not check.fields:
        type.__setattr__(kind, "tx_sure", kind)
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


class _ModelCheck:
    """The value is of this very class, and so is what its fields hold."""

    def __init__(self, kind: type, fields: Mapping[str, Check]) -> None:
        self.kind = kind
        self.fields = fields
        self.texts = [name for name, check in fields.items() if check is _is_text]
        self.others = [each for each in fields.items() if each[1] is not _is_text]

    def __call__(self, value: Any) -> bool:
        if type(value) is not self.kind:
            return False
        content = value.__dict__
        for name in self.texts:
            if type(content[name]) is not str:
                return False
        return not [name for name, check in self.others if not check(content[name])]


def _unknown(value: Any) -> bool:
    return False


def _check_of(schema: Schema, definitions: Mapping[str, Schema]) -> Check | None:
    """Return what checks a value of the schema; `None` where every value is read back equal."""
    if "serialization" in schema:
        return _unknown
    match schema["type"]:
        case "default" | "nullable":
            return _optional(_check_of(schema["schema"], definitions))
        case "list" | "set" | "frozenset":
            return _each(_check_of(schema.get("items_schema", _ANY), definitions))
        case "tuple":
            checks = [_check_of(each, definitions) for each in schema["items_schema"]]
            if len(checks) == 1 and schema.get("variadic_item_index") == 0:
                return _each(checks[0])
            return _unknown if any(checks) else None
        case "dict" if "keys_schema" in schema:
            keys = schema["keys_schema"]
            if keys["type"] not in _KEYS or _check_of(keys, definitions):
                return _unknown
            return _each(_check_of(schema["values_schema"], definitions), dict.values)
        case "model":
            return _model_check(schema, definitions)
        case "json-or-python" if schema["json_schema"] == _TEXT:
            return _is_text
        case "function-after" if _is_ours(schema["function"]["function"]):
            return _check_of(schema["schema"], definitions)
        case "definitions":
            more = {each["ref"]: each for each in schema["definitions"]}
            return _check_of(schema["schema"], {**definitions, **more})
        case "definition-ref" if schema["schema_ref"] in definitions:
            others = dict(definitions)
            return _check_of(others.pop(schema["schema_ref"]), others)
        case _:
            return _scalar_check(schema)


def _scalar_check(schema: Schema) -> Check | None:
    match schema["type"]:
        case "any" | "dict":
            return _is_json
        case "datetime" | "time":
            return _has_an_offset
        case "enum":
            known = {type(each.value) for each in schema["members"]} in ({str}, {int})
        case "literal":
            known = {type(each) for each in schema["expected"]} <= {str, int, bool, type(None)}
        case kind:
            bent = any(schema.get(key) for key in ("to_lower", "to_upper", "allow_inf_nan"))
            known = kind in _SCALARS and not bent
    return None if known else _unknown


def _is_ours(function: object) -> bool:
    return getattr(function, "__module__", None) == "messagebus.messages"


def _model_check(schema: Schema, definitions: Mapping[str, Schema]) -> Check:
    kind, config, inner = schema["cls"], schema.get("config", {}), schema["schema"]
    fields = inner.get("fields", {})
    known = (
        inner["type"] == "model-fields"
        and not any(schema.get(key) for key in ("custom_init", "post_init", "root_model"))
        and not any(inner.get(key) for key in ("computed_fields", "extras_schema"))
        and config.keys() <= _HARMLESS_SETTINGS
        and not config.get("allow_inf_nan")
        and "allow" not in (config.get("extra_fields_behavior"), inner.get("extra_behavior"))
        and kind.__eq__ in (BaseModel.__eq__, Message.__eq__)
        and _names_are_clear(fields, bool(config.get("serialize_by_alias")))
    )
    if not known:
        return _unknown
    checks: dict[str, Check] = {}
    for name, field in fields.items():
        if issubclass(kind, Message) and name in ENVELOPE_FIELDS:
            continue
        left_out = field.get("serialization_exclude") or "serialization_exclude_if" in field
        check = _unknown if left_out else _check_of(field["schema"], definitions)
        if check:
            checks[name] = check
    return _ModelCheck(kind, checks)


def _names_are_clear(fields: Mapping[str, Schema], by_alias: bool) -> bool:
    """Whether what is written under a field's name or alias is read as that field alone."""
    aliases = {name: field.get("validation_alias", name) for name, field in fields.items()}
    for name, alias in aliases.items():
        written = fields[name].get("serialization_alias", name) if by_alias else name
        if not isinstance(alias, str) or written not in (alias, name):
            return False
        if alias != name and alias in fields:
            return False
    return len(set(aliases.values())) == len(aliases)


def _optional(check: Check | None) -> Check | None:
    return check and (lambda value: value is None or check(value))


def _each(check: Check | None, values: Callable[[Any], Any] = iter) -> Check | None:
    if check is None or check is _unknown:
        return check
    return lambda value: not [each for each in values(value) if not check(each)]


def _is_text(value: Any) -> bool:
    return type(value) is str


def _is_json(value: Any, depth: int = 0) -> bool:
    """Whether JSON says the value itself: no date, no tuple, no model."""
    kind = type(value)
    if kind is list:
        return depth < 100 and all(_is_json(each, depth + 1) for each in value)
    if kind is dict:
        named = all(type(key) is str for key in value)
        return named and depth < 100 and all(_is_json(each, depth + 1) for each in value.values())
    return value is None or kind in (str, int, float, bool)


def _has_an_offset(value: Any) -> bool:
    """Whether a time has no zone, or a fixed offset in minutes, which is what JSON says of it."""
    zone = value.tzinfo
    if zone is None:
        return True
    offset = value.utcoffset()
    if offset is None:
        raise SerializationError(
            f"a time of day in {zone} has no offset without its day, and would be read back "
            "without the zone: give it a fixed offset, or keep the zone in a field of its own"
        )
    return type(zone) in (datetime.timezone, TzInfo) and not offset % _MINUTE
