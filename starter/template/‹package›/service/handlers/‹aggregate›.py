"""What is done with ‹words›."""

from result import Err, Ok

from messagebus import async_listen
from ‹package›.domain.messages import (
    Register‹Aggregate›,
    Rename‹Aggregate›,
    ‹Aggregate›Registered,
    ‹Aggregate›Renamed,
)
from ‹package›.domain.model import ‹Aggregate›
from ‹package›.domain.results import (
    ‹Aggregate›RepositoryError,
    ‹Aggregate›RepositoryOperationResult,
    ‹Aggregate›RepositoryResult,
)
from ‹package›.service.uow import AbstractUnitOfWork, StaleModelError


@async_listen
async def register_‹aggregate›(
    cmd: Register‹Aggregate›, uow: AbstractUnitOfWork
) -> ‹Aggregate›RepositoryOperationResult:
    """Keep ‹a_word›; `integrity_error` where the id or the name is taken."""
    ‹aggregate› = ‹Aggregate›(id=cmd.id, name=cmd.name)
    operation = await uow.‹aggregates›.add(‹aggregate›)
    if operation.is_ok():
        ‹aggregate›.messages.append(‹Aggregate›Registered(id=‹aggregate›.id, name=‹aggregate›.name))
    return operation


@async_listen
async def rename_‹aggregate›(
    cmd: Rename‹Aggregate›, uow: AbstractUnitOfWork
) -> ‹Aggregate›RepositoryResult:
    """Keep ‹a_word› under another name; `integrity_error` where that is taken.

    Raises `StaleModelError` where another transaction has changed it meanwhile.
    """
    found = await uow.‹aggregates›.by_id(cmd.id)
    if isinstance(found, Err):
        return found
    before = found.ok_value
    if cmd.expected_version not in (None, before.version):
        return Err(‹Aggregate›RepositoryError.stale_version)
    renamed = before.renamed(cmd.name)
    operation = await uow.‹aggregates›.save(renamed)
    if operation == Err(‹Aggregate›RepositoryError.concurrency_error):
        raise StaleModelError(before)
    if isinstance(operation, Err):
        return operation
    renamed.messages.append(
        ‹Aggregate›Renamed(id=renamed.id, previous_name=before.name, name=renamed.name)
    )
    return Ok(renamed)
