from lastuuid.dummies import uuidgen

from messagebus import AsyncMessageBus, MessageBusError
from reading_club.domain.messages import BookReviewed
from reading_club.service.uow import AbstractUnitOfWork
from tests.memory.uow import InMemoryUnitOfWork


async def test_two_clubs_that_thank_each_other_are_stopped(uow: InMemoryUnitOfWork) -> None:
    letters: list[BookReviewed] = []

    async def thank(event: BookReviewed, uow: AbstractUnitOfWork) -> None:
        letters.append(event)
        if len(letters) < 1_000:
            (await uow.ratings.by_book(event.book_id)).messages.append(event)

    bus = AsyncMessageBus()
    bus.add_listener(BookReviewed, thank)
    one, two, three = uuidgen(1), uuidgen(2), uuidgen(3)
    review = BookReviewed(id=one, book_id=two, reviewer_id=three, rating=9, comment="Thanks!")
    message = ""
    async with uow as transaction:
        try:
            await bus.handle(review, transaction)
        except MessageBusError as error:
            message = str(error)
        await transaction.rollback()

    assert len(letters) < 1_000
    assert "BookReviewed: messages raised one another for more than 100 generations" in message
