"""A review that two writers change."""

from messagebus import AsyncMessageBus
from reading_club.domain.messages import ReviseReview
from reading_club.service.uow import AbstractUnitOfWork
from tests.sql.season import SEASON, play

PRAISE = SEASON[4].id


async def test_a_version_that_was_replaced_is_not_changed(
    each_uow: AbstractUnitOfWork, bus: AsyncMessageBus
) -> None:
    phone, laptop = (
        ReviseReview(id=PRAISE, reviewer="Ann", rating=7, comment=comment, expected_version=1)
        for comment in ("From the phone.", "From the laptop.")
    )
    await play([*SEASON, phone], each_uow, bus)
    async with each_uow as transaction:
        await bus.handle(laptop, transaction)
        await transaction.commit()
    async with each_uow as transaction:
        review = (await transaction.reviews.by_id(PRAISE)).unwrap()
        await transaction.rollback()
    assert review.comment == "From the phone."
