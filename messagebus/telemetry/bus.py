"""The bus of both doors with observers around each `handle` and each handler.

It adds nothing to the loop: a watched bus puts its own handlers into the loop's hands, and stands
between the loop and the event store, which hears what was born of what.
"""

import functools
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any
from uuid import UUID

from messagebus.bus import AsyncMessageBus, MessageBus, SyncMessageBus
from messagebus.handlers.listeners import Handler, Listener, describe
from messagebus.messages import Message
from messagebus.telemetry.observer import Observer, Trail, around, watches
from messagebus.transaction import Transaction

Trace = tuple[str | None, str | None]
_TRACE = ("traceparent", "tracestate")
"""Attributes of an event store whose rows remember the span that they came of."""


class Trails:
    """Stands before the event store of a transaction, and follows the messages."""

    keeps_all = True

    def __init__(self, store: Any) -> None:
        self.store = store
        self._trails: dict[UUID, Trail] = {}
        self._traces: dict[UUID, Trace] = {}
        self._running: list[Trace] = []
        self._before: Trace = (None, None)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    def of(self, message: Message[Any]) -> Trail:
        """The trail of a message: of its own id, where no other one bore it."""
        trail = self._trails.get(message.message_id)
        if trail is None:
            id_ = str(message.message_id)
            trail = Trail(id_, getattr(self.store, "correlation_id", None) or id_, None)
            self._trails[message.message_id] = trail
        return trail

    def caused(self, messages: Sequence[Message[Any]], by: Message[Any]) -> None:
        """Note it, and let the store know too."""
        cause = self.of(by)
        for each in messages:
            self._trails[each.message_id] = Trail(
                str(each.message_id), cause.correlation_id, cause.message_id
            )
        if (trace := self._traces.get(by.message_id)) is not None:
            self._traces.update((each.message_id, trace) for each in messages)
        if self.store.keeps_all:
            self.store.caused(messages, by)

    def add(self, message: Message[Any]) -> Any:
        """Do what the bus would have done with the store itself; the message is handled now."""
        self._trails.pop(message.message_id, None)
        trace = self._traces.pop(message.message_id, None)
        if self.store.keeps_all:
            if trace is not None:
                self._keep(trace)
            return self.store.add(message)
        if message.metadata.published:
            self.store.buffer(message)
        return None

    @contextmanager
    def traced(self, first: Message[Any], trace: Trace | None) -> Generator[None, None, None]:
        """Keep this trace with all that the message gives rise to; without one, the store's own.

        A message that a handler adds to the store itself gets the trace of the latest `handle`.
        """
        if not self._running:
            parent, state = (getattr(self.store, name, None) for name in _TRACE)
            self._before = parent, state
        running = self._traces[first.message_id] = trace or self._before
        self._running.append(running)
        self._keep(running)
        try:
            yield
        finally:
            self._running.remove(running)
            self._keep(self._running[-1] if self._running else self._before)

    def _keep(self, trace: Trace) -> None:
        for name, value in zip(_TRACE, trace, strict=True):
            if hasattr(self.store, name):
                setattr(self.store, name, value)


class Observed(MessageBus):
    """What both doors share: the observers, and where they stand."""

    def __init__(self, *observers: Observer, **dependencies: Callable[[], Any]) -> None:
        super().__init__(**dependencies)
        self._handles = watches(observers, "handle")
        self._handlers = watches(observers, "handler")
        self._tracing = [
            each for each in observers if type(each).traceparent is not Observer.traceparent
        ]
        self._watched: dict[type[Message], tuple[list[Listener], list[Listener]]] = {}
        if not observers:
            # The plain methods, or a command would take 0.04 of its time longer for nothing.
            vars(self).update(_run=super()._run, _listeners_of=super()._listeners_of)

    async def _run(self, first: Any, entered: object, provided: Mapping[str, Any]) -> Any:
        if not isinstance(first, Message):
            return await super()._run(first, entered, provided)
        transaction = self._open(entered)
        trails = transaction.tx_store
        if not isinstance(trails, Trails):
            # It stays until the end: several commands may be handled at once.
            trails = transaction.tx_store = Trails(transaction.tx_store)
        with (
            around(self._handles, first, trails.of(first)),
            trails.traced(first, self._trace()) if self._tracing else nullcontext(),
        ):
            return await super()._run(first, transaction, provided)

    def _trace(self) -> Trace | None:
        """The running span, by the first observer that has one."""
        for each in self._tracing:
            if parent := each.traceparent():
                return parent, each.tracestate()
        return None

    def _listeners_of(self, message: Message, provided: Mapping[str, Any]) -> list[Listener]:
        plain = super()._listeners_of(message, provided)
        known = self._watched.get(type(message))
        if known is None or known[0] is not plain:
            known = self._watched[type(message)] = (plain, [*map(self._watch, plain)])
        return known[1]

    def _watch(self, listener: Listener) -> Listener:
        handler = listener.handler
        watched = self._awaiting(handler) if self.awaits else self._blocking(handler)
        return Listener(watched, listener.answers, listener.names, listener.required)

    def _awaiting(self, handler: Handler) -> Handler:
        name = describe(handler)

        @functools.wraps(handler)
        async def watched(message: Message, transaction: Transaction, **given: Any) -> Any:
            with self._around(message, transaction, name):
                return await handler(message, transaction, **given)

        return watched

    def _blocking(self, handler: Handler) -> Handler:
        name = describe(handler)

        @functools.wraps(handler)
        def watched(message: Message, transaction: Transaction, **given: Any) -> Any:
            with self._around(message, transaction, name):
                return handler(message, transaction, **given)

        return watched

    def _around(
        self, message: Message, transaction: Transaction, name: str
    ) -> AbstractContextManager[object]:
        return around(self._handlers, message, transaction.tx_store.of(message), name)


class AsyncObservedMessageBus(Observed, AsyncMessageBus):
    """An `AsyncMessageBus` that observers watch; without any it is the plain one.

    Observers come first, then what the handlers need:

        bus = AsyncObservedMessageBus(OpenTelemetryObserver(), mailer=Mailer)
    """


class SyncObservedMessageBus(Observed, SyncMessageBus):
    """A `SyncMessageBus` that observers watch: the twin of `AsyncObservedMessageBus`."""
