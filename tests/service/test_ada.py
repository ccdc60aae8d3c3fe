import pytest
from lastuuid.dummies import uuidgen

from messagebus import AsyncMessageBus
from reading_club.domain.messages import RegisterBook, RegisterReviewer, ReviewBook
from reading_club.service.repositories import ReviewError
from tests.memory.eventstore import InMemoryEventstore
from tests.memory.uow import InMemoryUnitOfWork


@pytest.fixture
def eventstore(uow: InMemoryUnitOfWork) -> InMemoryEventstore:
    uow.eventstore = eventstore = InMemoryEventstore()
    return eventstore


async def test_the_store_knows_whether_ada_was_refused(
    register_book_cmd: RegisterBook,
    uow: InMemoryUnitOfWork,
    bus: AsyncMessageBus,
    eventstore: InMemoryEventstore,
) -> None:
    ada = RegisterReviewer(id=uuidgen(2), name="Ada")
    isbn = register_book_cmd.isbn
    review = ReviewBook(id=uuidgen(3), isbn=isbn, reviewer="Ada", rating=9, comment="Again!")
    async with uow as transaction:
        await bus.handle(register_book_cmd, transaction)
        await bus.handle(ada, transaction)
        await bus.handle(review, transaction)
        operation = await bus.handle(review, transaction)
        await transaction.commit()

    assert operation.unwrap_err() is ReviewError.already_reviewed
    kept = [type(message).__name__ for message in eventstore.messages]
    assert kept[-3:] == ["ReviewBook", "BookReviewed", "ReviewBook"]
