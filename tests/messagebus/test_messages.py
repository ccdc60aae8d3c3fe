"""Messages are frozen facts, equal by content, with an identity and a time of their own."""

import dataclasses
import datetime
import uuid
from typing import Any, NamedTuple

import pytest
from pydantic import BaseModel, ConfigDict, RootModel, ValidationError, create_model
from typing_extensions import TypedDict

from messagebus import Command, ConfigurationError, Event, Field
from tests.messagebus.fakes import Register, Registered, Shelved

INF = float("inf")


def test_a_message_s_id_is_a_uuid_of_version_7() -> None:
    ids = [Register(title="Emma").message_id for _ in range(100)]
    assert {each.version for each in ids} == {7}
    assert len(set(ids)) == 100


def test_a_message_s_time_is_aware_and_in_utc() -> None:
    before = datetime.datetime.now(datetime.UTC)
    created_at = Register(title="Emma").created_at
    assert created_at.utcoffset() == datetime.timedelta(0)
    assert before <= created_at <= datetime.datetime.now(datetime.UTC)


def test_a_naive_time_is_refused() -> None:
    naive = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    with pytest.raises(ValidationError, match="created_at"):
        Register(title="Emma", created_at=naive)


def test_a_time_of_another_offset_is_the_same_moment_in_utc() -> None:
    paris = datetime.timezone(datetime.timedelta(hours=2))
    moment = datetime.datetime(2026, 7, 1, 14, tzinfo=paris)
    created_at = Register(title="Emma", created_at=moment).created_at
    assert created_at == moment
    assert created_at.utcoffset() == datetime.timedelta(0)


def test_a_given_id_and_time_are_kept() -> None:
    first = Register(title="Emma")
    again = Register(title="Emma", message_id=first.message_id, created_at=first.created_at)
    assert (again.message_id, again.created_at) == (first.message_id, first.created_at)


def test_messages_are_frozen() -> None:
    message: Any = Register(title="Emma")
    with pytest.raises(ValidationError, match="frozen"):
        message.title = "Persuasion"
    assert message.title == "Emma"


def test_messages_of_one_class_and_content_are_equal_whatever_their_id_and_time() -> None:
    first, second = Register(title="Emma"), Register(title="Emma")
    assert first.message_id != second.message_id
    assert first == second
    assert hash(first) == hash(second)
    assert first != Register(title="Persuasion")


def test_messages_of_two_classes_are_never_equal() -> None:
    class ShelvedTwice(Shelved):
        pass

    assert Shelved(title="Emma") != ShelvedTwice(title="Emma")
    assert Shelved(title="Emma") != {"title": "Emma"}


def test_the_dump_has_the_fields_alone() -> None:
    message = Registered(title="Emma")
    assert message.model_dump() == {"title": "Emma"}
    assert message.model_dump_json() == '{"title":"Emma"}'
    assert repr(message) == "Registered(title='Emma')"


def test_a_field_takes_what_pydantic_s_takes() -> None:
    class Rate(Command[None]):
        rating: int = Field(ge=1, le=10)

    assert Rate(rating=10).rating == 10
    with pytest.raises(ValidationError, match="rating"):
        Rate(rating=11)


class Pair(NamedTuple):
    price: float


class Row(TypedDict):
    price: float


@dataclasses.dataclass
class Point:
    price: float


class Loose(BaseModel):
    model_config = ConfigDict(allow_inf_nan=True)
    price: float


class Tree(BaseModel):
    price: float = 0.0
    children: "list[Tree]" = []


class Prices(RootModel[dict[str, float]]):
    pass


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        pytest.param(float, INF, id="float"),
        pytest.param(float, -INF, id="minus inf"),
        pytest.param(float, float("nan"), id="nan"),
        pytest.param(float, "inf", id="text"),
        pytest.param(float | None, INF, id="optional"),
        pytest.param(str | float, INF, id="union"),
        pytest.param(list[float], [1.0, INF], id="list"),
        pytest.param(dict[str, float], {"a": INF}, id="values"),
        pytest.param(dict[float, int], {INF: 1}, id="keys"),
        pytest.param(tuple[float, ...], (1.0, INF), id="tuple"),
        pytest.param(frozenset[float], {INF}, id="set"),
        pytest.param(Pair, Pair(INF), id="named tuple"),
        pytest.param(Row, {"price": INF}, id="typed dict"),
        pytest.param(Point, Point(INF), id="dataclass"),
        pytest.param(Loose, Loose(price=INF), id="model"),
        pytest.param(Loose, {"price": INF}, id="model to be"),
        pytest.param(Tree, {"children": [{"children": [{"price": INF}]}]}, id="tree"),
        pytest.param(Prices, {"a": INF}, id="root model"),
        pytest.param(list[dict[str, Loose]], [{"a": {"price": INF}}], id="deep"),
    ],
)
def test_inf_and_nan_in_a_float_field_are_refused_at_any_depth(annotation: Any, value: Any) -> None:
    namespace = {"__annotations__": {"content": annotation}, "__module__": __name__}
    kind: Any = type("Priced", (Event,), namespace)
    with pytest.raises(ValidationError, match=r"content|inf or NaN|finite"):
        kind(content=value)


def test_inf_as_a_default_is_refused_when_the_message_is_made() -> None:
    class Priced(Event):
        price: float = INF

    assert Priced(price=1.0).price == 1.0
    with pytest.raises(ValidationError):
        Priced()


def test_finite_floats_are_fine_at_any_depth() -> None:
    class Priced(Event):
        trees: list[Tree]

    assert Priced(trees=[Tree(children=[Tree(price=1.5)])]).trees[0].children[0].price == 1.5


def test_a_message_can_be_copied_with_a_change() -> None:
    message = Register(title="Emma")
    changed = message.model_copy(update={"title": "Persuasion"})
    assert (changed.title, changed.message_id) == ("Persuasion", message.message_id)
    assert isinstance(changed.message_id, uuid.UUID)


@pytest.mark.parametrize(("name", "kind"), [("message_id", int), ("created_at", str)])
def test_the_envelope_s_own_fields_cannot_become_something_else(name: str, kind: type) -> None:
    fields: dict[str, Any] = {name: (kind, ...)}
    with pytest.raises(ConfigurationError, match=rf"Posted declares {name}; .*another name"):
        create_model("Posted", __base__=Event, **fields)


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00"])
def test_a_time_that_is_none_in_utc_is_refused_like_any_other_wrong_value(moment: str) -> None:
    with pytest.raises(ValidationError, match="no date in UTC"):
        Event.model_validate({"created_at": moment})


def test_a_value_that_is_nested_too_deeply_is_refused_like_any_other_wrong_value() -> None:
    class Planted(Event):
        tree: Tree

    tree = Tree()
    for _ in range(2000):
        tree = Tree.model_construct(children=[tree], price=1.0)
    with pytest.raises(ValidationError, match="nested too deeply"):
        Planted(tree=tree)
