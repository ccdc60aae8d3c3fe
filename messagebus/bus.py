"""The message bus: one loop over commands and events, behind an async and a sync door.

After Percival and Gregory, "Architecture Patterns with Python", chapters 8 to 10: the bus
calls the handlers of a message, collects what the models raised meanwhile, and goes on
with that until nothing is left.
"""

import inspect
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, ClassVar, overload

from messagebus.dependencies import Dependencies
from messagebus.doors import drive, refuse_awaitable, settle
from messagebus.errors import (
    ConfigurationError,
    MessageLoopError,
    MissingDependencyError,
    TransactionError,
    UnhandledCommandError,
)
from messagebus.handlers import Handler, Listener, describe
from messagebus.messages import GenericCommand, GenericEvent, Message, TResult
from messagebus.registry import Registry
from messagebus.seen import running
from messagebus.transaction import OPEN, AsyncTransaction, SyncTransaction, Transaction
from messagebus.unit_of_work import AsyncAbstractUnitOfWork, SyncAbstractUnitOfWork

NOTHING: Mapping[str, Any] = {}


class MessageBus(Registry):
    """What both doors share: the listeners, the dependencies' factories, and the loop."""

    transaction_type: ClassVar[type[Transaction]]

    max_generations: int = 100
    """How many generations of messages one `handle` may bear before it is called a loop."""

    def __init__(self, **dependencies: Callable[[], Any]) -> None:
        super().__init__()
        for name, factory in dependencies.items():
            if not callable(factory) or inspect.iscoroutinefunction(factory):
                raise ConfigurationError(
                    f"{type(self).__name__}({name}={factory!r}): a dependency of the bus is a "
                    "class or a plain function without arguments, called once a transaction: "
                    "give an instance to `handle` instead, or wrap it in a lambda."
                )
        self._factories: Mapping[str, Callable[[], Any]] = dependencies

    async def _run(self, first: Message[Any], entered: object, provided: Mapping[str, Any]) -> Any:
        """Handle a message, then those that it gave rise to, generation by generation."""
        transaction = entered if type(entered) is self.transaction_type else self._entered(entered)
        if transaction.status not in OPEN:
            transaction.tx_require_open("handle")
        answer = None
        generations = [[first]]
        handling = running.set(transaction.tx_collector)
        try:
            for generation in generations:
                born: list[Message[Any]] = []
                waiting = iter(generation)
                for message in waiting:
                    try:
                        outcome = await self._handle(message, transaction, provided, born)
                    except BaseException:
                        transaction.tx_drop([message, *waiting, *born])
                        raise
                    if transaction.status not in OPEN:
                        transaction.tx_drop([message, *waiting, *born])
                        return outcome if message is first else answer
                    if message is first:
                        answer = outcome
                if born:
                    generations.append(born)
                    if len(generations) > self.max_generations + 1:
                        self._refuse_loop(generations)
        finally:
            running.reset(handling)
        return answer

    async def _handle(
        self,
        message: Message[Any],
        transaction: Transaction,
        provided: Mapping[str, Any],
        born: list[Message[Any]],
    ) -> Any:
        """Call the message's handlers, add to `born` what they raised, and keep the message."""
        listeners = self.listeners.get(type(message), ())
        if not listeners:
            self._refuse_unhandled(message)
        for listener in listeners:
            if listener.required:
                self._refuse_missing(listener, provided)
        awaits, store, collector = self.awaits, transaction.tx_store, transaction.tx_collector
        answer = None
        for listener in listeners:
            given = self._given(listener, transaction, provided) if listener.names else NOTHING
            outcome = listener.handler(message, transaction, **given)
            if awaits:
                outcome = await outcome
            elif outcome is not None:
                refuse_awaitable(outcome, listener.handler)
            if listener.answers:
                answer = outcome
            elif outcome is not None:
                _refuse_returned(outcome, listener.handler)
            raised = collector.collect()
            if raised:
                born += raised
                if store.keeps_all:
                    store.caused(raised, message)
        if transaction.status in OPEN:
            if store.keeps_all:
                await settle(store.add(message), awaits, store.add)
            elif message.metadata.published:
                store.buffer(message)
        return answer

    def _entered(self, entered: object) -> Transaction:
        if isinstance(entered, AsyncAbstractUnitOfWork | SyncAbstractUnitOfWork):
            entered = entered.current_transaction or entered
        if isinstance(entered, self.transaction_type):
            return entered
        raise TransactionError(
            f"{type(self).__name__}.handle was given {entered!r}; it takes the transaction that "
            f"{'`async with`' if self.awaits else '`with`'} hands out: "
            "enter the unit of work, and give `handle` what the block is bound to."
        )

    def _refuse_missing(self, listener: Listener, provided: Mapping[str, Any]) -> None:
        for name in listener.required:
            if name not in provided and name not in self._factories:
                raise MissingDependencyError(
                    f"{describe(listener.handler)} asks for {name!r}, which nobody provides; "
                    "each parameter without a default is a dependency: give it to "
                    f"{type(self).__name__}({name}=…) or to handle(…, {name}=…)."
                )

    def _given(
        self, listener: Listener, transaction: Transaction, provided: Mapping[str, Any]
    ) -> dict[str, Any]:
        if transaction.tx_dependencies is None:
            transaction.tx_dependencies = Dependencies()
        dependencies = transaction.tx_dependencies
        given: dict[str, Any] = {}
        for name in listener.names:
            if name in provided:
                given[name] = provided[name]
            elif name in self._factories:
                given[name] = dependencies.make_once((self, name), self._factories[name])
            else:
                continue
            dependencies.give(given[name])
        return given

    def _refuse_unhandled(self, message: object) -> None:
        if isinstance(message, GenericCommand):
            raise UnhandledCommandError(
                f"{type(message).__module__}.{type(message).__qualname__} has no handler; a "
                "command has exactly one, found by its exact class: "
                "scan the module of its handler, or add_listener it."
            )
        if not isinstance(message, Message):
            raise ConfigurationError(
                f"{type(self).__name__}.handle was given {message!r}; it takes commands and "
                "events: derive the class from Command or Event."
            )

    def _refuse_loop(self, generations: list[list[Message[Any]]]) -> None:
        latest = generations[len(generations) // 2 :]
        names = sorted({type(message).__qualname__ for born in latest for message in born})
        raise MessageLoopError(
            f"{', '.join(names)}: messages bore one another for more than "
            f"{self.max_generations} generations, which looks endless; let a handler stop "
            "raising, or raise max_generations of the bus."
        )


def _refuse_returned(outcome: object, handler: Handler) -> None:
    """Raise where an event's handler returned messages, which nobody would take."""
    for each in outcome if isinstance(outcome, list | tuple) else (outcome,):
        if isinstance(each, Message):
            raise ConfigurationError(
                f"{describe(handler)} returned {type(each).__qualname__}; nobody takes what an "
                "event's handler returns: append it to the messages of a model that a repository "
                "has seen."
            )


class AsyncMessageBus(MessageBus):
    """Dispatches commands and events to coroutine functions.

    Dependencies are classes or factories without arguments, called once a transaction for
    the handlers that ask for them by name.
    """

    awaits = True
    transaction_type = AsyncTransaction

    @overload
    def handle(
        self,
        command: GenericCommand[Any, TResult],
        transaction: AsyncAbstractUnitOfWork[Any],
        **transient_dependencies: Any,
    ) -> Coroutine[Any, Any, TResult]: ...

    @overload
    def handle(
        self,
        command: GenericEvent[Any],
        transaction: AsyncAbstractUnitOfWork[Any],
        **transient_dependencies: Any,
    ) -> Coroutine[Any, Any, None]: ...

    def handle(
        self,
        command: Message[Any],
        transaction: AsyncAbstractUnitOfWork[Any],
        **transient_dependencies: Any,
    ) -> Coroutine[Any, Any, Any]:
        """Handle a command, or an event, and all that it gives rise to; breadth first.

        Returns what the command's handler returns, None for an event. Raises
        `UnhandledCommandError`, `MissingDependencyError`, `MessageLoopError`,
        `TransactionError` where the transaction is over, and whatever a handler raises.
        """
        return self._run(command, transaction, transient_dependencies)


class SyncMessageBus(MessageBus):
    """Dispatches commands and events to plain functions: the twin of `AsyncMessageBus`."""

    awaits = False
    transaction_type = SyncTransaction

    @overload
    def handle(
        self,
        command: GenericCommand[Any, TResult],
        transaction: SyncAbstractUnitOfWork[Any],
        **transient_dependencies: Any,
    ) -> TResult: ...

    @overload
    def handle(
        self,
        command: GenericEvent[Any],
        transaction: SyncAbstractUnitOfWork[Any],
        **transient_dependencies: Any,
    ) -> None: ...

    def handle(
        self,
        command: Message[Any],
        transaction: SyncAbstractUnitOfWork[Any],
        **transient_dependencies: Any,
    ) -> Any:
        """Handle a command, or an event, and all that it gives rise to; breadth first."""
        return drive(self._run(command, transaction, transient_dependencies))
