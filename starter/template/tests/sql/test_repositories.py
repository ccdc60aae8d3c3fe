"""What each repository promises, whatever it keeps its models in."""

from lastuuid import uuid7
from result import Err, Ok

from messagebus.testing import check_async_repository
from ‹package›.domain.model import ‹Aggregate›
from ‹package›.domain.results import ‹Aggregate›RepositoryError
from ‹package›.service.uow import AbstractUnitOfWork

FIRST = ‹Aggregate›(id=uuid7(), name="The first")


async def test_an_added_‹aggregate›_is_found_again(each_uow: AbstractUnitOfWork) -> None:
    async with each_uow as transaction:
        assert await transaction.‹aggregates›.add(FIRST.model_copy()) == Ok(...)
        await transaction.commit()
    async with each_uow as transaction:
        found = await transaction.‹aggregates›.by_name("The first")
        missing = await transaction.‹aggregates›.by_name("The second")
        duplicate = await transaction.‹aggregates›.add(‹Aggregate›(id=uuid7(), name="The first"))
        await transaction.rollback()
    assert found == Ok(FIRST)
    assert missing.unwrap_err() is ‹Aggregate›RepositoryError.not_found
    assert duplicate.unwrap_err() is ‹Aggregate›RepositoryError.integrity_error


async def test_a_rolled_back_‹aggregate›_is_gone(each_uow: AbstractUnitOfWork) -> None:
    async with each_uow as transaction:
        await transaction.‹aggregates›.add(FIRST.model_copy())
        await transaction.rollback()
    async with each_uow as transaction:
        assert (await transaction.‹aggregates›.by_name("The first")).is_err()
        await transaction.rollback()


async def test_a_repository_has_seen_each_‹aggregate›_that_it_added_or_loaded(each_uow: AbstractUnitOfWork) -> None:
    await check_async_repository(
        each_uow,
        lambda uow: uow.‹aggregates›,
        FIRST,
        add=lambda uow: uow.‹aggregates›.add(FIRST),
        load={
            "by_id": lambda uow: uow.‹aggregates›.by_id(FIRST.id),
            "by_name": lambda uow: uow.‹aggregates›.by_name("The first"),
        },
    )


async def test_a_saved_‹aggregate›_has_the_next_version(each_uow: AbstractUnitOfWork) -> None:
    async with each_uow as transaction:
        await transaction.‹aggregates›.add(FIRST.model_copy())
        await transaction.commit()
    async with each_uow as transaction:
        first = (await transaction.‹aggregates›.by_id(FIRST.id)).unwrap()
        assert await transaction.‹aggregates›.save(first.renamed("The last")) == Ok(...)
        await transaction.commit()
    async with each_uow as transaction:
        found = (await transaction.‹aggregates›.by_id(FIRST.id)).unwrap()
        await transaction.rollback()
    assert (found.name, found.version) == ("The last", 2)


async def test_a_version_that_is_not_the_one_that_is_kept_is_not_saved(
    each_uow: AbstractUnitOfWork,
) -> None:
    async with each_uow as transaction:
        await transaction.‹aggregates›.add(FIRST.model_copy())
        await transaction.commit()
    for operation in (Ok(...), Err(‹Aggregate›RepositoryError.concurrency_error)):
        async with each_uow as transaction:
            saved = await transaction.‹aggregates›.save(FIRST.renamed("The last"))
            await transaction.commit()
        assert saved == operation


async def test_a_name_that_another_has_is_not_saved_and_the_transaction_goes_on(
    each_uow: AbstractUnitOfWork,
) -> None:
    second = ‹Aggregate›(id=uuid7(), name="The second")
    async with each_uow as transaction:
        await transaction.‹aggregates›.add(FIRST.model_copy())
        await transaction.‹aggregates›.add(second)
        saved = await transaction.‹aggregates›.save(second.renamed("The first"))
        assert await transaction.‹aggregates›.by_id(second.id) == Ok(second)
        await transaction.commit()
    assert saved.unwrap_err() is ‹Aggregate›RepositoryError.integrity_error
