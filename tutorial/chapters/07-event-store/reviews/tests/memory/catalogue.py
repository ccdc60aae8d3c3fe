"""The catalogue over the repositories in memory."""

from collections.abc import Collection, Mapping

from result import Err, Ok

from reading_club.domain.isbn import isbn_13
from reading_club.domain.model import Book
from reading_club.service.catalogue import AbstractCatalogue
from reading_club.service.repositories import BookRepositoryError, BookRepositoryResult
from tests.memory.books import InMemoryBookRepository


class InMemoryCatalogue(AbstractCatalogue):
    def __init__(self, books: InMemoryBookRepository) -> None:
        super().__init__()
        self._books = books

    async def by_isbn(self, isbn: str) -> BookRepositoryResult:
        for book in (await self.by_isbns([isbn])).values():
            return Ok(book)
        return Err(BookRepositoryError.not_found)

    async def by_isbns(self, isbns: Collection[str]) -> Mapping[str, Book]:
        wanted = {isbn_13(isbn) for isbn in isbns}
        books = {isbn_13(book.isbn): book.id for book in self._books.rows.kept.values()}
        loaded = {isbn: self._books.rows.load(id) for isbn, id in books.items() if isbn in wanted}
        found = {isbn: book for isbn, book in loaded.items() if book is not None}
        self.seen.extend(found.values())
        return found
