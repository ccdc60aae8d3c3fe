"""The whole club, over each storage."""

from messagebus import AsyncMessageBus
from reading_club.service.uow import AbstractUnitOfWork
from tests.sql.season import SEASON, play


async def test_the_shelf_after_a_season(each_uow: AbstractUnitOfWork, bus: AsyncMessageBus) -> None:
    await play(SEASON, each_uow, bus)
    async with each_uow as transaction:
        shelf = await transaction.catalogue.shelf()
        await transaction.rollback()
    assert [(book.title, book.reviews, book.rating) for book in shelf] == [
        ("Domain Driven Design", 2, 7.5),
        ("Clean Code", 0, None),
    ]
