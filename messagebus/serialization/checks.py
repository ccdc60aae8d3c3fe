"""What is sure to be read back equal from its JSON, by the types that pydantic knows of a class.

`Any`, fields of models and times in a zone are checked in each message, because a value may say
more than JSON does.
"""

import datetime
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic_core import TzInfo

from messagebus.errors import SerializationError
from messagebus.messages import Message

Schema = Mapping[str, Any]
Check = Callable[[Any], bool]
"""Says of a value whether it is sure to be read back equal; otherwise it has to be tried."""

ENVELOPE_FIELDS = ("message_id", "created_at")
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


class ModelCheck:
    """The value is of this very class, and so is what its fields hold."""

    def __init__(self, kind: type, fields: Mapping[str, Check]) -> None:
        self.kind = kind
        self.fields = fields
        self.texts = [name for name, check in fields.items() if check is _is_text]
        self.others = [each for each in fields.items() if each[1] is not _is_text]

    def __call__(self, value: Any) -> bool:
        """Whether the value is sure to be read back equal."""
        if type(value) is not self.kind:
            return False
        content = value.__dict__
        for name in self.texts:
            if type(content[name]) is not str:
                return False
        return not [name for name, check in self.others if not check(content[name])]


def unknown(value: Any) -> bool:
    """Leave it to a trial."""
    return False


def check_of(schema: Schema, definitions: Mapping[str, Schema]) -> Check | None:
    """Return what checks a value of the schema; `None` where every value is read back equal."""
    if "serialization" in schema:
        return unknown
    match schema["type"]:
        case "default" | "nullable":
            return _optional(check_of(schema["schema"], definitions))
        case "list" | "set" | "frozenset":
            return _each(check_of(schema.get("items_schema", _ANY), definitions))
        case "tuple":
            checks = [check_of(each, definitions) for each in schema["items_schema"]]
            if len(checks) == 1 and schema.get("variadic_item_index") == 0:
                return _each(checks[0])
            return unknown if any(checks) else None
        case "dict" if "keys_schema" in schema:
            keys = schema["keys_schema"]
            if keys["type"] not in _KEYS or check_of(keys, definitions):
                return unknown
            return _each(check_of(schema["values_schema"], definitions), dict.values)
        case "model":
            return _model_check(schema, definitions)
        case "json-or-python" if schema["json_schema"] == _TEXT:
            return _is_text
        case "function-after" if _is_ours(schema["function"]["function"]):
            return check_of(schema["schema"], definitions)
        case "definitions":
            more = {each["ref"]: each for each in schema["definitions"]}
            return check_of(schema["schema"], {**definitions, **more})
        case "definition-ref" if schema["schema_ref"] in definitions:
            others = dict(definitions)
            return check_of(others.pop(schema["schema_ref"]), others)
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
    return None if known else unknown


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
        return unknown
    checks: dict[str, Check] = {}
    for name, field in fields.items():
        if issubclass(kind, Message) and name in ENVELOPE_FIELDS:
            continue
        left_out = field.get("serialization_exclude") or "serialization_exclude_if" in field
        check = unknown if left_out else check_of(field["schema"], definitions)
        if check:
            checks[name] = check
    return ModelCheck(kind, checks)


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
    if check is None or check is unknown:
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
