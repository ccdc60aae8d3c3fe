"""Finds changes of a payload's schema that break its readers.

Two kinds of readers must continue to work: old readers that get new payloads, and the new class
that reads old payloads from a store. So a field may accept neither more nor fewer values. A new
field with a default is compatible: old readers ignore it, and old payloads lack it.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from messagebus.contracts.schemas import Schema

_SAYS_NOTHING = ("title", "description", "examples", "default", "deprecated", "$defs")
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_ROOT = "the payload"


class Breakage(NamedTuple):
    """One way in which a change breaks readers."""

    field: str
    """The field's path, with a dot before a nested field, and `[]` for the items of a list."""

    change: str
    """The change of the field, in words."""


def breakages(old: Schema, new: Schema) -> list[Breakage]:
    """The changes between two schemas of one type and version that break readers."""
    return list(_compare("", _resolved(old, old, ()), _resolved(new, new, ())))


def _resolved(schema: Any, root: Schema, within: tuple[str, ...]) -> Any:
    """The schema without annotations, with its references replaced by their definitions."""
    if isinstance(schema, list):
        return [_resolved(each, root, within) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    if reference := schema.get("$ref"):
        name = str(reference).rpartition("/")[2]
        if name in within:
            return {"recursive": within[::-1].index(name)}
        return _resolved(root["$defs"][name], root, (*within, name))
    resolved: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _SAYS_NOTHING:
            continue
        if key == "properties":
            resolved[key] = {name: _resolved(each, root, within) for name, each in value.items()}
        elif key == "const":
            resolved["enum"] = [value]
        else:
            resolved[key] = _resolved(value, root, within)
    if resolved.get("additionalProperties") is True:
        del resolved["additionalProperties"]
    return resolved


def _compare(path: str, old: Any, new: Any) -> Iterator[Breakage]:
    if old == new:
        return
    old, new = _options(old), _options(new)
    if len(old) == len(new) == 1:
        yield from _compare_one(path, old[0], new[0])
        return
    left, added = _without(old, new), _without(new, old)
    if len(left) == len(added) == 1:
        yield from _compare_one(path, left[0], added[0])
        return
    for each in left:
        yield Breakage(path or _ROOT, f"narrowed: {_type_of(each)} is no longer accepted")
    for each in added:
        yield Breakage(path or _ROOT, f"widened: {_type_of(each)} is now accepted")


def _compare_one(path: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Breakage]:
    here = path or _ROOT
    if old.get("type") != new.get("type"):
        yield Breakage(here, f"is {_type_of(new)} now, was {_type_of(old)}")
        return
    if "properties" in old or "properties" in new:
        yield from _compare_fields(path, old, new)
    for key in sorted({*old, *new} - {"type", "properties", "required"}):
        was, is_ = old.get(key), new.get(key)
        if was == is_:
            continue
        if key in ("items", "additionalProperties") and was and is_:
            yield from _compare(f"{path}[]", was, is_)
        elif key == "enum":
            yield from _compare_values(here, was, is_)
        elif key in _LOWER or key in _UPPER:
            narrowed = was is None or (is_ is not None and (is_ > was) is (key in _LOWER))
            yield Breakage(here, f"{'narrowed' if narrowed else 'widened'}: {key} {was} → {is_}")
        else:
            yield Breakage(here, f"{key} {json.dumps(was)} → {json.dumps(is_)}")


def _compare_fields(
    path: str, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[Breakage]:
    before, now = old.get("properties", {}), new.get("properties", {})
    needed, needs = old.get("required", ()), new.get("required", ())
    for name in before:
        field = f"{path}.{name}" if path else name
        if name not in now:
            yield Breakage(field, "gone, or renamed: readers look for it")
            continue
        yield from _compare(field, before[name], now[name])
        if name in needs and name not in needed:
            yield Breakage(field, "required now: stored payloads may be without it")
    for name in now:
        if name not in before and name in needs:
            field = f"{path}.{name}" if path else name
            yield Breakage(field, "new and required: stored payloads are without it")


def _compare_values(here: str, old: Any, new: Any) -> Iterator[Breakage]:
    for value in _without(old or [], new or []):
        yield Breakage(here, f"narrowed: {value!r} is no longer accepted")
    for value in _without(new or [], old or []):
        yield Breakage(here, f"widened: {value!r} is now accepted")


def _options(schema: Any) -> list[Any]:
    options: list[Any] = schema.get("anyOf") or schema.get("oneOf") or [schema]
    return options


def _without(these: list[Any], those: list[Any]) -> list[Any]:
    return [each for each in these if each not in those]


def _type_of(schema: Mapping[str, Any]) -> str:
    kind = str(schema.get("type", json.dumps(schema, sort_keys=True)))
    return f"{kind} ({schema['format']})" if "format" in schema else kind
