from collections.abc import AsyncGenerator, Sequence

from lastuuid.dummies import uuidgen

from messagebus import AsyncMessageBus
from reading_club.domain.messages import RegisterBook
from tests.conftest import EventstreamTransport
from tests.memory.uow import InMemoryUnitOfWork

SEASON = [
    RegisterBook(id=uuidgen(1), isbn="0-321-12521-5", title="Domain Driven Design", author="Evans"),
    RegisterBook(id=uuidgen(2), isbn="978-0-13-235088-4", title="Clean Code", author="Martin"),
]


async def begin(uow: InMemoryUnitOfWork, headline: str) -> InMemoryUnitOfWork:
    """Start an answer that is made while it is sent."""
    async with uow as transaction:
        transaction.detach()
        headline.encode("ascii")
    return transaction


async def lines(
    bus: AsyncMessageBus, transaction: InMemoryUnitOfWork, season: Sequence[RegisterBook]
) -> AsyncGenerator[str]:
    """A line for each book, as soon as it is on the shelf; kept once all are."""
    try:
        for cmd in season:
            await bus.handle(cmd, transaction)
            yield cmd.title
        await transaction.commit()
    finally:
        await transaction.close()


async def test_a_season_is_registered_while_its_answer_is_sent(
    uow: InMemoryUnitOfWork, bus: AsyncMessageBus, transport: EventstreamTransport
) -> None:
    transaction = await begin(uow, "Spring")
    body = lines(bus, transaction, SEASON)

    assert [title async for title in body] == ["Domain Driven Design", "Clean Code"]
    assert len(transport.events) == 2


async def test_a_reader_that_leaves_early_leaves_no_books_behind(
    uow: InMemoryUnitOfWork, bus: AsyncMessageBus
) -> None:
    body = lines(bus, await begin(uow, "Spring"), SEASON)
    await anext(body)
    await body.aclose()

    assert (await uow.books.by_id(SEASON[0].id)).is_err()
