"""A season of the club, as its commands."""

from collections.abc import Sequence

from lastuuid.dummies import uuidgen

from messagebus import AsyncMessageBus
from reading_club.domain.messages import (
    RegisterBook,
    RegisterReviewer,
    ReviewBook,
    ReviseReview,
    WithdrawReview,
)
from reading_club.service.uow import AbstractUnitOfWork

Order = RegisterBook | RegisterReviewer | ReviewBook | ReviseReview | WithdrawReview

DDD, CLEAN = "0-321-12521-5", "9780132350884"
SEASON: Sequence[Order] = (
    RegisterBook(id=uuidgen(1), isbn=DDD, title="Domain Driven Design", author="Eric Evans"),
    RegisterBook(id=uuidgen(2), isbn=CLEAN, title="Clean Code", author="R. C. Martin"),
    RegisterReviewer(id=uuidgen(3), name="Ann"),
    RegisterReviewer(id=uuidgen(4), name="Bob"),
    ReviewBook(id=uuidgen(5), isbn=DDD, reviewer="Ann", rating=9, comment="Read it twice."),
    ReviewBook(id=uuidgen(6), isbn="9780321125217", reviewer="Bob", rating=6, comment="Long."),
)


async def play(orders: Sequence[Order], uow: AbstractUnitOfWork, bus: AsyncMessageBus) -> None:
    """Handle each order in a transaction of its own, as an entrypoint would."""
    for order in orders:
        async with uow as transaction:
            answer = await bus.handle(order, transaction)
            assert answer.is_ok(), f"{order!r} was refused: {answer}"
            await transaction.commit()
