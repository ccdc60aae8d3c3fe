"""What is written can be read back equal, or is refused before anybody keeps it."""

import datetime
import decimal
import enum
import functools
import ipaddress
import json
import pathlib
import re
import uuid
import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NamedTuple

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasPath,
    AnyUrl,
    BaseModel,
    ConfigDict,
    FutureDatetime,
    Json,
    PlainSerializer,
    PrivateAttr,
    RootModel,
    SecretStr,
    StringConstraints,
    ValidationError,
    computed_field,
    create_model,
)
from typing_extensions import TypedDict

from messagebus import Event, Field, MessageBusError, MessageSerializer, Metadata
from messagebus.contracts import MessageReader, schema_of


class Shade(enum.Enum):
    red = "red"
    one = "1"


class Mixed(enum.Enum):
    number = 1
    text = "1"


class Shelf(BaseModel):
    name: str


class Corner(Shelf):
    lamp: bool = True


class StrictShelf(BaseModel):
    model_config = ConfigDict(strict=True)
    since: datetime.date


class Aliased(BaseModel):
    rating: int = Field(alias="stars")


class ByAlias(BaseModel):
    model_config = ConfigDict(serialize_by_alias=True)
    rating: int = Field(alias="stars")


class Private(BaseModel):
    name: str
    _times: int = PrivateAttr(0)

    def lend(self) -> "Private":
        self._times += 1
        return self


class Counted(BaseModel):
    name: str

    @computed_field
    def length(self) -> int:
        return len(self.name)


class Sealed(Counted):
    model_config = ConfigDict(extra="forbid")


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"
    tricks: int


class Tags(RootModel[list[str]]):
    pass


class Point(NamedTuple):
    x: int
    y: float


@dataclass(frozen=True)
class Part:
    name: str
    since: datetime.date


class Card(TypedDict, total=False):
    name: str
    paid: decimal.Decimal


class Tree(BaseModel):
    children: "list[Tree]" = []


def shout(text: str) -> str:
    return text.upper()


def stutter(text: str) -> str:
    return f"{text}{text[:1]}"


texts = st.text(max_size=6)
zones = st.none() | st.timezones() | st.just(datetime.timezone(datetime.timedelta(hours=2)))
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
anything = json_values | st.decimals() | st.dates() | st.binary() | st.tuples(texts)
shelves = st.builds(Shelf, name=texts) | st.builds(Corner, name=texts)
KINDS: Sequence[tuple[Any, st.SearchStrategy[Any]]] = [
    (str, texts),
    (int, st.integers()),
    (float, st.floats(allow_nan=False, allow_infinity=False)),
    (bool, st.booleans()),
    (uuid.UUID, st.uuids()),
    (decimal.Decimal, st.decimals(allow_nan=False, allow_infinity=False)),
    (bytes, st.binary(max_size=4)),
    (datetime.date, st.dates()),
    (datetime.datetime, st.datetimes(timezones=zones)),
    (datetime.time, st.times(timezones=zones)),
    (datetime.timedelta, st.timedeltas()),
    (FutureDatetime, st.just(datetime.datetime(2999, 1, 1, tzinfo=datetime.UTC))),
    (Shade, st.sampled_from(Shade)),
    (Mixed, st.sampled_from(Mixed)),
    (Literal[1, "1"], st.sampled_from([1, "1"])),
    (Literal[Shade.red], st.just(Shade.red)),
    (Any, anything),
    (list[Any], st.lists(anything, max_size=2)),
    (dict[str, Any], st.dictionaries(texts, anything, max_size=2)),
    (dict, st.dictionaries(texts | st.integers(), anything, max_size=2)),
    (dict[int | str, int], st.dictionaries(st.sampled_from([1, "1", 2, "a"]), st.integers())),
    (dict[uuid.UUID, int], st.dictionaries(st.uuids(), st.integers(), max_size=2)),
    (dict[bool, int], st.dictionaries(st.booleans(), st.integers(), max_size=2)),
    (dict[float, int], st.dictionaries(st.floats(allow_nan=False), st.integers(), max_size=2)),
    (int | str, st.integers() | st.sampled_from(["1", "a", ""])),
    (uuid.UUID | str, st.uuids() | st.uuids().map(str)),
    (datetime.date | datetime.datetime, st.dates() | st.datetimes()),
    (datetime.date | datetime.timedelta | str, st.dates() | st.timedeltas() | texts),
    (set[int], st.sets(st.integers(), max_size=3)),
    (frozenset[Shade], st.frozensets(st.sampled_from(Shade))),
    (tuple[int, str], st.tuples(st.integers(), texts)),
    (tuple[Shelf, ...], st.lists(shelves, max_size=2).map(tuple)),
    (tuple[Shelf, int], st.tuples(shelves, st.integers())),
    (Shelf, shelves),
    (Shelf | None, st.none() | shelves),
    (list[Shelf], st.lists(shelves, max_size=2)),
    (dict[str, Shelf], st.dictionaries(texts, shelves, max_size=2)),
    (StrictShelf, st.builds(StrictShelf, since=st.dates())),
    (Aliased, st.builds(Aliased, stars=st.integers())),
    (ByAlias, st.builds(ByAlias, stars=st.integers())),
    (Private, st.builds(Private, name=texts) | st.builds(Private, name=texts).map(Private.lend)),
    (Counted, st.builds(Counted, name=texts)),
    (Cat | Dog, st.builds(Cat, lives=st.integers()) | st.builds(Dog, tricks=st.integers())),
    (
        Annotated[Cat | Dog, Field(discriminator="kind")],
        st.builds(Cat, lives=st.integers()) | st.builds(Dog, tricks=st.integers()),
    ),
    (Tags, st.lists(texts, max_size=2).map(Tags)),
    (Tree, st.integers(0, 300).map(lambda depth: deep(depth))),
    (Point, st.builds(Point, st.integers(), st.floats(allow_nan=False, allow_infinity=False))),
    (Part, st.builds(Part, texts, st.dates())),
    (Card, st.fixed_dictionaries({}, optional={"name": texts, "paid": st.just("1.10")})),
    (SecretStr, st.builds(SecretStr, texts)),
    (pathlib.PurePosixPath, st.builds(pathlib.PurePosixPath, st.text("ab/.", max_size=5))),
    (ipaddress.IPv4Address, st.ip_addresses(v=4)),
    (AnyUrl, st.sampled_from(["https://example.org", "HTTP://EXAMPLE.org:80/ä b"])),
    (re.Pattern[str], st.sampled_from([re.compile("a+"), re.compile("a", re.IGNORECASE)])),
    (Json[list[int]], st.just("[1, 2]")),
    (complex, st.complex_numbers(allow_nan=False, allow_infinity=False)),
    (Annotated[str, StringConstraints(to_upper=True, max_length=2)], st.sampled_from(["a", "ß"])),
    (Annotated[str, AfterValidator(shout)], texts),
    (Annotated[str, AfterValidator(stutter)], texts),
    (Annotated[int, PlainSerializer(lambda number: number * 2)], st.integers()),
    (Annotated[int, Field(exclude=True)], st.integers()),
    (Annotated[int, Field(strict=True)], st.integers()),
    (Annotated[decimal.Decimal, Field(strict=True)], st.just(decimal.Decimal("1.10"))),
]
ALIASES: Sequence[Any] = [
    {},
    {"alias": "first"},
    {"alias": "second_field"},
    {"validation_alias": "read"},
    {"serialization_alias": "written"},
    {"validation_alias": AliasChoices("one", AliasPath("first_field", 0))},
]
CONFIGURATIONS: Sequence[ConfigDict] = [
    ConfigDict(),
    ConfigDict(strict=True),
    ConfigDict(serialize_by_alias=True),
    ConfigDict(populate_by_name=True),
    ConfigDict(extra="forbid"),
    ConfigDict(extra="allow"),
    ConfigDict(alias_generator=str.upper),
    ConfigDict(str_to_lower=True),
    ConfigDict(ser_json_timedelta="float"),
    ConfigDict(ser_json_bytes="base64"),
    ConfigDict(use_enum_values=True),
]


def deep(depth: int) -> Tree:
    tree = Tree()
    for _ in range(depth):
        tree = Tree(children=[tree])
    return tree


def base_of(config: ConfigDict) -> type[Event]:
    class Made(Event):
        model_config = config
        metadata: Metadata = Metadata(name="made", schema_version=1, published=True)

    return Made


@st.composite
def messages(draw: st.DrawFn) -> Event:
    """A message of a class that was made for it."""
    fields: dict[str, Any] = {}
    values: dict[str, Any] = {}
    for name in ["first_field", "second_field"][: draw(st.integers(1, 2))]:
        kind, value = draw(st.sampled_from(KINDS))
        fields[name] = (kind, Field(**draw(st.sampled_from(ALIASES))))
        values[name] = draw(value)
    base = base_of(draw(st.sampled_from(CONFIGURATIONS)))
    if base.model_config.get("extra") == "allow":
        values |= draw(st.dictionaries(st.sampled_from(["more", "first"]), anything, max_size=1))
    made = create_model("Made", __base__=base, **fields)
    try:
        return made.model_validate(values, by_alias=False, by_name=True)
    except ValidationError:
        return reject()


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(messages())
@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
def test_each_message_is_read_back_equal_or_refused(message: Event) -> None:
    try:
        envelope = MessageSerializer().serialize_message(message)
    except MessageBusError:
        return
    back = MessageReader([type(message)]).read(envelope)
    assert back == message
    assert (back.message_id, back.created_at) == (message.message_id, message.created_at)
    schema = schema_of(type(message))
    jsonschema_rs.validator_for(schema).validate(json.loads(envelope["payload"]))


def made(kind: Any, value: Any, config: ConfigDict | None = None, **field: Any) -> Event:
    """A message with one field of this type."""
    base = base_of(config or ConfigDict())
    type_ = create_model("Made", __base__=base, held=(kind, Field(**field)))
    return type_.model_validate({"held": value}, by_name=True)


def written_and_read(message: Event) -> Event:
    read = MessageReader([type(message)]).read(MessageSerializer().serialize_message(message))
    assert isinstance(read, Event)
    return read


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(made(int, 1, ConfigDict(strict=True)), id="strict class"),
        pytest.param(made(decimal.Decimal, decimal.Decimal("1.10"), strict=True), id="strict"),
        pytest.param(made(Shade, Shade.red, strict=True), id="strict enum"),
        pytest.param(made(tuple[int, int], (1, 2), strict=True), id="strict tuple"),
        pytest.param(made(StrictShelf, StrictShelf(since=datetime.date.min)), id="strict inside"),
        pytest.param(made(int, 1, alias="number"), id="alias"),
        pytest.param(made(int, 1, validation_alias="number"), id="alias to read"),
        pytest.param(made(int, 1, validation_alias=AliasPath("number", 0)), id="path to read"),
        pytest.param(made(int, 1, serialization_alias="number"), id="alias to write"),
        pytest.param(made(int, 1, ConfigDict(alias_generator=str.upper)), id="alias generator"),
        pytest.param(
            made(int, 1, ConfigDict(serialize_by_alias=True), alias="number"), id="written by alias"
        ),
        pytest.param(made(Aliased, Aliased(stars=5)), id="alias inside"),
        pytest.param(made(ByAlias, ByAlias(stars=5)), id="written by alias inside"),
        pytest.param(made(list[Shelf], [Shelf(name="A")]), id="model"),
        pytest.param(made(Cat | Dog, Dog(tricks=1), discriminator="kind"), id="told by a tag"),
        pytest.param(made(Any, {"a": [1, 1.5, True, None, "b"]}), id="JSON in Any"),
        pytest.param(made(Part, Part("A", datetime.date.min)), id="dataclass"),
        pytest.param(made(pathlib.PurePosixPath, "a/b"), id="path"),
        pytest.param(made(int, 1, exclude=True, default=1), id="left out, and the default"),
        pytest.param(made(datetime.time, datetime.time(9, tzinfo=datetime.UTC)), id="time in UTC"),
        pytest.param(made(Tree, deep(20)), id="tree"),
        pytest.param(made(Counted, Counted(name="A")), id="computed"),
        pytest.param(made(SecretStr, ""), id="empty secret"),
    ],
)
def test_a_message_is_read_back_equal(message: Event) -> None:
    assert written_and_read(message) == message


VIENNA = zoneinfo.ZoneInfo("Europe/Vienna")


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (made(Shelf, Corner(name="A")), "held holds Corner, .* read back as Shelf"),
        (made(list[Shelf], [Shelf(name="A"), Corner(name="B")]), r"held\[1\] holds Corner"),
        (made(dict[str, Shelf], {"A": Corner(name="A")}), r"held\['A'\] holds Corner"),
        (made(SecretStr, "1815"), "held holds SecretStr, .* read back as another SecretStr"),
        (made(Any, decimal.Decimal("1.10")), "held holds Decimal, .* read back as str"),
        (made(Any, (1, 2)), "held holds tuple, .* read back as list"),
        (made(list[Any], [1, [datetime.date.min]]), r"held\[1\]\[0\] holds date, .* as str"),
        (made(int, 1, exclude=True), "held would not be read back .Field required"),
        (made(int, 1, exclude=True, default=2), "held holds int, .* another int"),
        (made(datetime.time, datetime.time(9, tzinfo=VIENNA)), "Europe/Vienna has no offset"),
        (
            made(datetime.datetime, datetime.datetime(2026, 10, 25, 2, 30, tzinfo=VIENNA)),
            "held holds datetime",
        ),
        (made(FutureDatetime, datetime.datetime(2999, 1, 1, tzinfo=VIENNA)), "the future alone"),
        (made(Private, Private(name="A").lend()), "held holds Private"),
        (made(Tree, deep(120)), "Made"),
        (made(Annotated[str, AfterValidator(stutter)], "a"), "held holds str"),
        (made(bytes, b"\xff"), "utf-8"),
        (made(Any, "\ud800"), "surrogates"),
        (made(Any, float("inf")), "JSON cannot say"),
        (made(Sealed, Sealed(name="A")), "length would not be read"),
    ],
)
def test_a_message_that_would_be_read_back_unequal_is_refused(message: Event, why: str) -> None:
    with pytest.raises(MessageBusError, match=why) as refused:
        written_and_read(message)
    assert isinstance(refused.value, ValueError)


def test_a_class_that_cannot_be_kept_can_be_defined_made_and_compared() -> None:
    assert made(SecretStr, "1815").model_dump() == {"held": SecretStr("1815")}


def test_a_class_of_plain_types_is_not_read_when_it_is_written() -> None:
    class Read(Event):
        """A class that counts how often it is read."""

        title: str
        part: Shelf
        tags: dict[str, list[int]]
        at: datetime.datetime | None = None

        @classmethod
        def model_validate_json(cls, *_: Any, **__: Any) -> Any:
            raise AssertionError("it was read")

    now = datetime.datetime.now(datetime.UTC)
    message = Read(title="Emma", part=Shelf(name="A"), tags={"a": [1]}, at=now)
    assert "Emma" in MessageSerializer().serialize_message(message)["payload"]


class Rated(Event):
    stars: int = Field(ge=1, le=5, alias="rating")
    metadata: Metadata = Metadata(name="rated", schema_version=1, published=True)


@pytest.mark.parametrize("payload", ['{"stars": 4}', '{"rating": 4}'])
def test_a_payload_written_by_name_or_by_alias_is_read(payload: str) -> None:
    envelope = {**MessageSerializer().serialize_message(Rated(rating=1)), "payload": payload}
    assert MessageReader([Rated]).read(envelope) == Rated(rating=4)


@pytest.mark.parametrize("stars", [0, "many"])
@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
def test_a_copy_whose_change_breaks_the_rules_is_refused_when_it_is_kept(stars: object) -> None:
    for message in (
        Rated(rating=1).model_copy(update={"stars": stars}).model_copy(),
        Rated.model_construct(stars=stars),
    ):
        with pytest.raises(MessageBusError, match=r"Rated\..* would not be read back"):
            MessageSerializer().serialize_message(message)
    assert written_and_read(Rated(rating=1).model_copy(update={"stars": 5})) == Rated(rating=5)


def test_a_cached_property_is_no_part_of_what_a_message_holds() -> None:
    class Titled(Event):
        title: str

        @functools.cached_property
        def loud(self) -> str:
            return self.title.upper()

    message = Titled(title="Emma")
    assert message.loud == "EMMA"
    assert message == Titled(title="Emma")
    assert written_and_read(message) == message
