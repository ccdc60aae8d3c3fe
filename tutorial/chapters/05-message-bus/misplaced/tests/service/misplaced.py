from messagebus import async_listen
from reading_club.domain.model import Book
from reading_club.service.uow import AbstractUnitOfWork


@async_listen
async def praise_book(book: Book, uow: AbstractUnitOfWork) -> None:
    """Takes a book, which is no message."""
