"""The message bus: one loop over commands and events, in an async and a sync variant.

After Percival and Gregory, "Architecture Patterns with Python", chapters 8 to 10: the bus
calls the handlers of a message, collects what the models raised meanwhile, and goes on
with that until nothing is left.
"""

import inspect
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, ClassVar, Self, overload

from messagebus.dependencies import Dependencies
from messagebus.errors import (
    ConfigurationError,
    MessageLoopError,
    MissingDependencyError,
    TransactionError,
    UnhandledCommandError,
)
from messagebus.handlers.listeners import Handler, Listener, describe
from messagebus.handlers.observed import ObservedListeners
from messagebus.messages import GenericCommand, GenericEvent, Message, TResult
from messagebus.model import current_run
from messagebus.observers.observer import Observer, around, watches
from messagebus.observers.trails import Trails
from messagebus.registry import Registry
from messagebus.transaction import OPEN, AsyncTransaction, SyncTransaction, Transaction
from messagebus.unit_of_work import AsyncAbstractUnitOfWork, SyncAbstractUnitOfWork
from messagebus.variants import maybe_await, raise_if_awaitable, run_sync

NOTHING: Mapping[str, Any] = {}


class MessageBus(Registry):
    """What both variants share: the listeners, the dependencies' factories, and the loop."""

    transaction_type: ClassVar[type[Transaction]]

    max_generations: int = 100
    """How many generations of messages one `handle` may raise before it is called a loop."""

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
        self._observers: tuple[Observer, ...] = ()
        self._called: Mapping[type[Message], list[Listener]] | ObservedListeners = self.listeners

    def observe(self, *observers: Observer) -> Self:
        """Let observers watch each `handle` and each handler, the first of them outermost."""
        if observers:
            self._observers += observers
            handlers = watches(self._observers, "handler")
            self._called = ObservedListeners(self.listeners, self.awaits, handlers)
        return self

    async def _run_observed(self, first: Any, entered: object, provided: Mapping[str, Any]) -> Any:
        if not isinstance(first, Message):
            return await self._run(first, entered, provided)
        transaction = self._open(entered)
        trails = transaction.tx_store
        if not isinstance(trails, Trails):
            trails = transaction.tx_store = Trails(trails)
        handles = watches(self._observers, "handle")
        with around(handles, first, trails.of(first)), trails.traced(first, self._observers):
            return await self._run(first, transaction, provided)

    async def _run(self, first: Message, entered: object, provided: Mapping[str, Any]) -> Any:
        transaction = self._open(entered)
        awaits, store, collector = self.awaits, transaction.tx_store, transaction.tx_collector
        answer, handled, raised, generation = None, 0, [first], [first]
        generations: list[list[Message]] = []
        token = current_run.set(run := [collector])
        collector.runs[id(run)] = run
        try:
            while raised:
                self._begin_generation(generations, raised)
                generation, raised, handled = raised, [], 0
                for message in generation:
                    for listener in self._listeners_of(message, provided):
                        names = listener.names
                        kwargs = self._kwargs(names, transaction, provided) if names else NOTHING
                        output = listener.handler(message, transaction, **kwargs)
                        if awaits:
                            output = await output
                        elif output is not None:
                            raise_if_awaitable(output, listener.handler)
                        if listener.answers:
                            answer = output if message is first else answer
                        elif output is not None:
                            _raise_if_messages(output, listener.handler)
                        if collected := collector.collect(run):
                            raised += collected
                            store.caused(collected, message)
                    if transaction.status not in OPEN:
                        return answer
                    if store.keeps_all:
                        await maybe_await(store.add(message), awaits, store.add)
                    elif message.metadata.published:
                        store.buffer(message)
                    handled += 1
        finally:
            current_run.reset(token)
            del collector.runs[id(run)]
            if handled < len(generation) or raised:
                transaction.tx_drop([*generation[handled:], *raised])
        return answer

    def _begin_generation(self, generations: list[list[Message]], raised: list[Message]) -> None:
        if len(generations) > self.max_generations:
            latest = [*generations[len(generations) // 2 :], raised]
            names = sorted({type(message).__qualname__ for each in latest for message in each})
            raise MessageLoopError(
                f"{', '.join(names)}: messages raised one another for more than "
                f"{self.max_generations} generations, which looks endless; let a handler stop "
                "raising, or raise max_generations of the bus."
            )
        generations.append(raised)

    def _listeners_of(self, message: Message, provided: Mapping[str, Any]) -> list[Listener]:
        listeners = self._called.get(type(message))
        if listeners is None:
            self._raise_if_unhandled(message)
            return []
        for listener in listeners:
            if listener.required:
                self._raise_if_missing(listener, provided)
        return listeners

    def _open(self, entered: object) -> Transaction:
        transaction = entered if type(entered) is self.transaction_type else self._entered(entered)
        if transaction.status not in OPEN:
            transaction.tx_require_open("handle")
        return transaction

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

    def _raise_if_missing(self, listener: Listener, provided: Mapping[str, Any]) -> None:
        for name in listener.required:
            if name not in provided and name not in self._factories:
                raise MissingDependencyError(
                    f"{describe(listener.handler)} asks for {name!r}, which is not provided; "
                    "each parameter without a default is a dependency: give it to "
                    f"{type(self).__name__}({name}=…) or to handle(…, {name}=…)."
                )

    def _kwargs(
        self, names: Sequence[str], transaction: Transaction, provided: Mapping[str, Any]
    ) -> dict[str, Any]:
        if transaction.tx_dependencies is None:
            transaction.tx_dependencies = Dependencies()
        dependencies = transaction.tx_dependencies
        kwargs: dict[str, Any] = {}
        for name in names:
            if name in provided:
                kwargs[name] = provided[name]
            elif name in self._factories:
                kwargs[name] = dependencies.make_once((self, name), self._factories[name])
            else:
                continue
            dependencies.give(kwargs[name])
        return kwargs

    def _raise_if_unhandled(self, message: object) -> None:
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
        self._warn_unheard(type(message))


def _raise_if_messages(output: object, handler: Handler) -> None:
    """Raise where an event's handler returned messages, which the bus does not take."""
    for each in output if isinstance(output, list | tuple) else (output,):
        if isinstance(each, Message):
            raise ConfigurationError(
                f"{describe(handler)} returned {type(each).__qualname__}; the bus does not take "
                "what an event's handler returns: append it to the messages of a model that a "
                "repository has seen."
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
        command: Message,
        transaction: AsyncAbstractUnitOfWork[Any],
        **transient_dependencies: Any,
    ) -> Coroutine[Any, Any, Any]:
        """Handle a command, or an event, and all that it gives rise to; breadth first.

        Returns what the command's handler returns, None for an event. Raises
        `UnhandledCommandError`, `MissingDependencyError`, `MessageLoopError`,
        `TransactionError` where the transaction is over, and whatever a handler raises.
        """
        if self._observers:
            return self._run_observed(command, transaction, transient_dependencies)
        return self._run(command, transaction, transient_dependencies)


class SyncMessageBus(MessageBus):
    """Dispatches commands and events to plain functions: the sync variant of `AsyncMessageBus`."""

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
        command: Message,
        transaction: SyncAbstractUnitOfWork[Any],
        **transient_dependencies: Any,
    ) -> Any:
        """Handle a command, or an event, and all that it gives rise to; breadth first."""
        if self._observers:
            return run_sync(self._run_observed(command, transaction, transient_dependencies))
        return run_sync(self._run(command, transaction, transient_dependencies))
