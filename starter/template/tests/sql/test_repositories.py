"""What each repository promises, whatever it keeps its models in."""

from lastuuid import uuid7
from result import Ok

from messagebus.testing import check_async_repository
from ‹package›.domain.model import ‹Aggregate›
from ‹package›.domain.results import ‹Aggregate›RepositoryError
from ‹package›.service.uow import AbstractUnitOfWork

FIRST = ‹Aggregate›(id=uuid7(), name="The first")


async def test_what_was_added_is_found_again(each_uow: AbstractUnitOfWork) -> None:
    async with each_uow as transaction:
        assert await transaction.‹aggregates›.add(FIRST.model_copy()) == Ok(...)
        await transaction.commit()
    async with each_uow as transaction:
        found = await transaction.‹aggregates›.by_name("The first")
        nobody = await transaction.‹aggregates›.by_name("The second")
        twin = await transaction.‹aggregates›.add(‹Aggregate›(id=uuid7(), name="The first"))
        await transaction.rollback()
    assert found == Ok(FIRST)
    assert nobody.unwrap_err() is ‹Aggregate›RepositoryError.not_found
    assert twin.unwrap_err() is ‹Aggregate›RepositoryError.integrity_error


async def test_what_was_rolled_back_was_never_there(each_uow: AbstractUnitOfWork) -> None:
    async with each_uow as transaction:
        await transaction.‹aggregates›.add(FIRST.model_copy())
        await transaction.rollback()
    async with each_uow as transaction:
        assert (await transaction.‹aggregates›.by_name("The first")).is_err()
        await transaction.rollback()


async def test_what_is_added_or_loaded_is_seen(each_uow: AbstractUnitOfWork) -> None:
    await check_async_repository(
        each_uow,
        lambda uow: uow.‹aggregates›,
        FIRST,
        add=lambda uow: uow.‹aggregates›.add(FIRST),
        load={"by_name": lambda uow: uow.‹aggregates›.by_name("The first")},
    )
