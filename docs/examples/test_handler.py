"""A handler is a function: call it, and look at what it did and said."""

from docs.examples.shared import BookRegistered, RegisterBook, Shelf, register


def test_a_registered_book_is_added_and_news() -> None:
    uow = Shelf()

    assert register(RegisterBook(title="Emma"), uow) == "Emma is on the shelf"

    (book,) = uow.books.added
    assert book.messages == [BookRegistered(title="Emma")]
