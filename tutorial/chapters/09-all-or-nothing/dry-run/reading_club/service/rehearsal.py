"""What would happen: the answer of a command that is not carried out."""

from messagebus import AsyncMessageBus, Command
from messagebus.messages import TResult
from reading_club.service.uow import AbstractUnitOfWork


async def rehearse(
    bus: AsyncMessageBus, uow: AbstractUnitOfWork, command: Command[TResult]
) -> TResult:
    """Handle a command and take everything back but its answer."""
    async with uow as transaction:
        answer = await bus.handle(command, transaction)
        await transaction.rollback()
    return answer
