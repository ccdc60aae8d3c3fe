"""The message bus: one loop over commands and events, behind an async and a sync door.

After Percival and Gregory, "Architecture Patterns with Python", chapters 8 to 10: the bus
calls the handlers of a message, collects what the models raised meanwhile, and goes on
with that until nothing is left.
"""

import inspect
from collections.abc import Callable, Coroutine, Mapping
from types import ModuleType
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
from messagebus.messages import GenericCommand, GenericEvent, Message, Metadata, TResult
from messagebus.registry import (
    Handler,
    Listener,
    describe,
    listened_types,
    make_listener,
    refuse_base,
    scan,
)
from messagebus.transaction import OPEN, AsyncTransaction, SyncTransaction, Transaction
from messagebus.unit_of_work import AsyncAbstractUnitOfWork, SyncAbstractUnitOfWork


class MessageBus:
    """What both doors share: the listeners, the dependencies' factories, and the loop."""

    awaits: ClassVar[bool]
    category: ClassVar[str]
    transaction_type: ClassVar[type[Transaction]]

    max_generations: int = 100
    """How many generations of messages one `handle` may bear before it is called a loop."""

    def __init__(self, **dependencies: Callable[[], Any]) -> None:
        for name, factory in dependencies.items():
            if not callable(factory) or inspect.iscoroutinefunction(factory):
                raise ConfigurationError(
                    f"{type(self).__name__}({name}={factory!r}): a dependency of the bus is a "
                    "class or a plain function without arguments, called once a transaction: "
                    "give an instance to `handle` instead, or wrap it in a lambda."
                )
        self._factories: Mapping[str, Callable[[], Any]] = dependencies
        self._listeners: dict[type[Message[Any]], list[Listener]] = {}

    def scan(self, *modules: str | ModuleType) -> None:
        """Register the marked handlers of modules, and of all modules below packages.

        Raises `ConfigurationError` with the module and function of a handler that breaks a
        rule. Scanning twice registers once.
        """
        for module in modules:
            scan(module, self.category, self._found)

    def _found(self, handler: Handler) -> None:
        for message_type in listened_types(handler):
            self._register(message_type, handler)

    def add_listener(self, message_type: type[Message[Any]], handler: Handler) -> None:
        """Register a handler for messages of exactly this class; once, however often added.

        Raises `ConfigurationError` where the handler cannot be called by this bus, is
        annotated for other messages, or is the command's second handler.
        """
        annotated = listened_types(handler, **{message_type.__name__: message_type})
        if not issubclass(message_type, annotated):
            raise ConfigurationError(
                f"{describe(handler)} is annotated for "
                f"{', '.join(each.__name__ for each in annotated)}, but is added for "
                f"{message_type.__name__}; the annotation says what a handler can take: "
                "correct one of the two."
            )
        self._register(message_type, handler)

    def _register(self, message_type: type[Message[Any]], handler: Handler) -> None:
        refuse_base(handler, message_type)
        listeners = self._listeners.get(message_type, [])
        if any(each.handler == handler for each in listeners):
            return
        is_command = issubclass(message_type, GenericCommand)
        listener = make_listener(handler, awaits=self.awaits, answers=is_command)
        if listeners and is_command:
            raise ConfigurationError(
                f"{describe(handler)} is a second handler for {message_type.__qualname__}, after "
                f"{describe(listeners[0].handler)}; a command has one handler, which answers it: "
                "remove one, or raise an event for the other."
            )
        self._refuse_same_type(message_type)
        self._listeners[message_type] = [*listeners, listener]

    def _refuse_same_type(self, message_type: type[Message[Any]]) -> None:
        metadata: Metadata = vars(message_type)["metadata"]
        for other in self._listeners:
            theirs: Metadata = vars(other)["metadata"]
            if (
                other is not message_type
                and (metadata.published and theirs.published)
                and metadata.stream_type == theirs.stream_type
            ):
                raise ConfigurationError(
                    f"{message_type.__module__}.{message_type.__qualname__} is published as "
                    f"{metadata.stream_type}, as is {other.__module__}."
                    f"{other.__qualname__}; readers of the stream tell messages by their type: "
                    "give one another name or schema_version."
                )

    def remove_listener(self, message_type: type[Message[Any]], handler: Handler) -> None:
        """Undo `add_listener`; raise `ConfigurationError` for what was never added."""
        listeners = self._listeners.get(message_type, [])
        kept = [each for each in listeners if each.handler != handler]
        if len(kept) == len(listeners):
            raise ConfigurationError(
                f"{describe(handler)} does not listen to {message_type.__qualname__}; only what "
                "was added can be removed: give the same class and the same function."
            )
        if kept:
            self._listeners[message_type] = kept
        else:
            del self._listeners[message_type]

    async def _run(
        self, message: Message[Any], entered: object, provided: Mapping[str, Any]
    ) -> Any:
        transaction = entered if type(entered) is self.transaction_type else self._entered(entered)
        if transaction.status not in OPEN:
            transaction.tx_require_open("handle")
        store = transaction.tx_store
        awaits = self.awaits
        answer = None
        generations = [[message]]
        for generation in generations:
            born: list[Message[Any]] = []
            waiting = iter(generation)
            try:
                for message in waiting:
                    listeners = self._listeners.get(type(message), ())
                    if not listeners:
                        self._refuse_unhandled(message)
                    for listener in listeners:
                        if listener.required:
                            self._refuse_missing(listener, provided)
                    for listener in listeners:
                        if listener.names:
                            given = self._given(listener, transaction, provided)
                            outcome = listener.handler(message, transaction, **given)
                        else:
                            outcome = listener.handler(message, transaction)
                        if awaits:
                            outcome = await outcome
                        elif outcome is not None:
                            refuse_awaitable(outcome, listener.handler)
                        if listener.answers and generation is generations[0]:
                            answer = outcome
                        born += transaction.tx_collect()
                    if transaction.status not in OPEN:
                        transaction.tx_drop([message, *waiting, *born])
                        return answer
                    if store.keeps_all:
                        await settle(store.add(message), awaits, store.add)
                    elif message.metadata.published:
                        store.buffer(message)
            except BaseException:
                transaction.tx_drop([*waiting, *born])
                raise
            if born:
                generations.append(born)
                if len(generations) > self.max_generations + 1:
                    self._refuse_loop(generations)
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


class AsyncMessageBus(MessageBus):
    """Dispatches commands and events to coroutine functions.

    Dependencies are classes or factories without arguments, called once a transaction for
    the handlers that ask for them by name.
    """

    awaits = True
    category = "messagebus.async"
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
    """Dispatches commands and events to plain functions.

    Dependencies are classes or factories without arguments, called once a transaction for
    the handlers that ask for them by name.
    """

    awaits = False
    category = "messagebus.sync"
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
        """Handle a command, or an event, and all that it gives rise to; breadth first.

        Returns what the command's handler returns, None for an event. Raises
        `UnhandledCommandError`, `MissingDependencyError`, `MessageLoopError`,
        `TransactionError` where the transaction is over, and whatever a handler raises.
        """
        return drive(self._run(command, transaction, transient_dependencies))
