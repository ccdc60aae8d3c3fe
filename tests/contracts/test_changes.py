"""Ten changes that break readers and ten that break none, each judged as what it is."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel, Field, create_model

from messagebus import Event
from messagebus.contracts import breakages, schema_of


class Size(Enum):
    small = "small"
    large = "large"


class MoreSizes(Enum):
    small = "small"
    large = "large"
    huge = "huge"


class Renamed(Enum):
    """The same sizes under other names in Python."""

    tiny = "small"
    big = "large"


class Place(BaseModel):
    city: str
    street: str = ""


class PlaceWithoutStreet(BaseModel):
    city: str


class PlaceWithCountry(BaseModel):
    """Where it goes."""

    city: str = Field(description="Without its postal code.")
    street: str = ""
    country: str = "NL"


FIELDS: dict[str, Any] = {
    "id": (UUID, ...),
    "to": (Place, ...),
    "size": (Size, ...),
    "weight": (int, Field(ge=1, le=100)),
    "note": (str | None, None),
    "tags": (list[str], []),
    "day": (date, ...),
}
GONE = object()


def schema(**changes: Any) -> dict[str, Any]:
    """The schema of an event with other fields."""
    fields = {name: kind for name, kind in {**FIELDS, **changes}.items() if kind is not GONE}
    message: type[Event] = create_model("Sent", __base__=Event, **fields)
    return schema_of(message)


@pytest.mark.parametrize(
    ("changes", "field", "text"),
    [
        ({"note": GONE}, "note", "gone"),
        ({"day": GONE, "sent_on": (date, ...)}, "day", "renamed"),
        ({"sender": (str, ...)}, "sender", "new and required"),
        ({"weight": (int, Field(ge=1, le=50))}, "weight", "narrowed: maximum 100 → 50"),
        ({"weight": (int, Field(ge=1, le=200))}, "weight", "widened: maximum 100 → 200"),
        ({"weight": (Decimal, ...)}, "weight", "is string now, was integer"),
        ({"note": (str, "")}, "note", "narrowed: null is no longer accepted"),
        ({"size": (MoreSizes, ...)}, "size", "widened: 'huge' is now accepted"),
        ({"to": (PlaceWithoutStreet, ...)}, "to.street", "gone"),
        ({"tags": (list[int], [])}, "tags[]", "is integer now, was string"),
        ({"day": (datetime, ...)}, "day", '"date" → "date-time"'),
        ({"tags": (list[str], ...)}, "tags", "required now"),
        ({"day": (date | None, ...)}, "day", "widened: null is now accepted"),
        ({"id": (str, ...)}, "id", '"uuid" → null'),
    ],
)
def test_a_breaking_change_is_found_and_named(
    changes: dict[str, Any], field: str, text: str
) -> None:
    found = breakages(schema(), schema(**changes))
    assert [each for each in found if each.field == field and text in each.change], found


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"sender": (str, "")},
        {"sender": (str | None, None)},
        {"id": (UUID, Field(description="Whose parcel it is."))},
        {"weight": (int, Field(ge=1, le=100, title="Kilogrammes", examples=[3]))},
        {"note": (str | None, "none")},
        {"note": (None | str, None)},
        {"size": (Renamed, ...)},
        {"to": (PlaceWithCountry, ...)},
        {"day": (date, date(2026, 11, 27))},
        {"weight": (int, Field(1, ge=1, le=100))},
        {"day": GONE, "note": GONE, **{name: FIELDS[name] for name in ("note", "day")}},
    ],
)
def test_a_compatible_change_is_allowed(changes: dict[str, Any]) -> None:
    assert breakages(schema(), schema(**changes)) == []


def test_a_schema_that_refers_to_itself_comes_to_an_end() -> None:
    tree = {"$defs": {"Tree": {"properties": {"left": {"$ref": "#/$defs/Tree"}}}}}
    old = {**tree, "properties": {"root": {"$ref": "#/$defs/Tree"}}}
    assert breakages(old, old) == []
    assert breakages(old, {"properties": {"root": {"type": "string"}}}) != []
