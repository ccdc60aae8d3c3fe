"""The message bus: it knows which handler carries out which command."""

from messagebus.errors import ConfigurationError, UnhandledCommandError
from messagebus.handlers.marks import Handler, scan
from messagebus.messages import Command, Message, TResult
from messagebus.unit_of_work import AsyncAbstractUnitOfWork


class AsyncMessageBus:
    """Dispatches commands to coroutine functions."""

    def __init__(self) -> None:
        self._listeners: dict[type[Message], Handler] = {}

    def scan(self, *modules: str) -> None:
        """Register the marked handlers of modules, and of all modules below packages."""
        for module in modules:
            scan(module, self.add_listener)

    def add_listener(self, message_type: type[Message], handler: Handler) -> None:
        """Register the handler of a command; a command has one."""
        known = self._listeners.setdefault(message_type, handler)
        if known is not handler:
            raise ConfigurationError(
                f"{handler.__qualname__} is a second handler for {message_type.__qualname__}, "
                f"after {known.__qualname__}; a command has one handler, which answers it: "
                "remove one."
            )

    async def handle(
        self, command: Command[TResult], transaction: AsyncAbstractUnitOfWork
    ) -> TResult:
        """Call the command's handler, collect what it raised, and return its answer."""
        handler = self._listeners.get(type(command))
        if handler is None:
            raise UnhandledCommandError(
                f"{type(command).__qualname__} has no handler; a command has exactly one, "
                "found by its exact class: scan its module."
            )
        answer: TResult = await handler(command, transaction)
        for message in (command, *transaction.collect_messages()):
            await transaction.eventstore.add(message)
        return answer
