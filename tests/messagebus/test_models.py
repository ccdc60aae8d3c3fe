"""Models remember the messages that they raised, beside their fields."""

import copy
import pickle
from collections.abc import Callable
from types import new_class

import pytest
from pydantic import BaseModel, ConfigDict, Field

from messagebus import ConfigurationError, GenericModel, Metadata, Model
from tests.messagebus.fakes import Book, Shelved

COPIES: dict[str, Callable[[Book], Book]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "model_copy": lambda book: book.model_copy(),
    "deep model_copy": lambda book: book.model_copy(deep=True),
    "pickle": lambda book: pickle.loads(pickle.dumps(book)),
    "update": lambda book: book.model_copy(update={"title": "Emma"}),
}


@pytest.fixture
def book() -> Book:
    book = Book(title="Emma")
    book.messages.append(Shelved(title="Emma"))
    return book


def test_a_new_model_has_no_messages() -> None:
    assert Book(title="Emma").messages == []


def test_messages_stay_until_somebody_takes_them(book: Book) -> None:
    assert book.messages == [Shelved(title="Emma")]
    assert book.messages is book.messages


def test_messages_are_in_no_dump(book: Book) -> None:
    assert book.model_dump() == {"title": "Emma"}
    assert book.model_dump(mode="json") == {"title": "Emma"}
    assert book.model_dump_json() == '{"title":"Emma"}'
    assert repr(book) == "Book(title='Emma')"
    assert "messages" not in Book.model_json_schema()["properties"]


def test_messages_of_a_model_with_extra_fields_are_in_no_dump_either() -> None:
    class Open(Model):
        model_config = ConfigDict(extra="allow")

    opened = Open.model_validate({"cover": "red"})
    opened.messages.append(Shelved(title="Emma"))
    assert opened.model_dump() == {"cover": "red"}
    assert opened == Open.model_validate({"cover": "red"})


def test_messages_of_nested_models_are_in_no_dump(book: Book) -> None:
    class Magazine(Model):
        issue: int

    class Shelf(BaseModel):
        items: list[Book | Magazine]

    assert Shelf(items=[book]).model_dump() == {"items": [{"title": "Emma"}]}


def test_messages_take_no_part_in_equality(book: Book) -> None:
    assert book == Book(title="Emma")
    assert book != Book(title="Persuasion")


@pytest.mark.parametrize("copied", COPIES.values(), ids=COPIES)
def test_messages_are_not_shared_between_copies(book: Book, copied: Callable[[Book], Book]) -> None:
    copy_ = copied(book)
    assert copy_ == book
    assert copy_.messages == []
    copy_.messages.append(Shelved(title="Persuasion"))
    assert book.messages == [Shelved(title="Emma")]


def test_copies_of_a_model_inside_another_start_without_messages(book: Book) -> None:
    class Shelf(Model):
        books: list[Book]

    shelf = Shelf(books=[book])
    assert copy.deepcopy(shelf).books[0].messages == []
    assert book.messages == [Shelved(title="Emma")]


def test_input_cannot_plant_messages() -> None:
    planted = Book.model_validate({"title": "Emma", "messages": [Shelved(title="Emma")]})
    assert planted.messages == []


def test_a_frozen_model_raises_messages_too() -> None:
    class Frozen(Model):
        model_config = ConfigDict(frozen=True)
        title: str

    frozen = Frozen(title="Emma")
    frozen.messages.append(Shelved(title="Emma"))
    assert hash(frozen) == hash(Frozen(title="Emma"))


def test_a_model_may_say_what_metadata_its_messages_have() -> None:
    class Traced(Metadata):
        team: str = "library"

    class Page(GenericModel[Traced]):
        number: int

    assert Page(number=1).messages == []


def test_a_field_that_the_messages_would_hide_is_refused() -> None:
    class Chat(BaseModel):
        messages: list[str]

    with pytest.raises(ConfigurationError, match=r"Room declares messages; .*another name"):
        new_class("Room", (Chat, Model))

    class Renamed(Model):
        lines: list[str] = Field(alias="messages")

    assert Renamed.model_validate({"messages": ["Hello"]}).lines == ["Hello"]
