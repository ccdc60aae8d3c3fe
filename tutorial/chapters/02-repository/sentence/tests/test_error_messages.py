from lastuuid.dummies import uuidgen

from reading_club.domain.model import Book
from reading_club.domain.results import BookRepositoryError
from reading_club.error_messages import ERROR_MESSAGES, sentence
from tests.memory.books import InMemoryBookRepository

DDD = Book(id=uuidgen(1), isbn="0321125215", title="Domain Driven Design", author="Eric Evans")


async def test_the_club_says_what_became_of_a_book() -> None:
    books = InMemoryBookRepository()
    assert sentence(DDD.title, await books.add(DDD)) == "Domain Driven Design is on the shelf."
    refused = sentence(DDD.title, await books.add(DDD))
    assert refused == "Domain Driven Design is registered already."


def test_no_error_is_left_without_words() -> None:
    assert set(ERROR_MESSAGES) == set(BookRepositoryError)
