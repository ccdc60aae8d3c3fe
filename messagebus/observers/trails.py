"""How each message of a transaction came to be, and the span that it belongs to."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from messagebus.messages import Message
from messagebus.observers.observer import Observer, Trail, watches

Trace = tuple[str | None, str | None]
_TRACE = ("traceparent", "tracestate")
"""Attributes of an event store whose rows keep the span in which a message was raised."""


class Trails:
    """The event store of an observed transaction: notes what caused each message."""

    keeps_all = True

    def __init__(self, store: Any) -> None:
        self.store = store
        self._trails: dict[UUID, Trail] = {}
        self._traces: dict[UUID, Trace] = {}
        self._current: list[Trace] = []
        self._before: Trace = (None, None)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    def of(self, message: Message[Any]) -> Trail:
        """Return a message's trail; one that no other message caused begins a trail."""
        trail = self._trails.get(message.message_id)
        if trail is None:
            id_ = str(message.message_id)
            trail = Trail(id_, getattr(self.store, "correlation_id", None) or id_, None)
            self._trails[message.message_id] = trail
        return trail

    def caused(self, messages: Sequence[Message[Any]], by: Message[Any]) -> None:
        """Note the cause, and tell the store."""
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
        """Add the message, which is handled, as the bus does without observers."""
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
    def traced(
        self, first: Message[Any], observers: Sequence[Observer]
    ) -> Generator[None, None, None]:
        """Keep the observers' span with the message and all that it causes, or the store's own.

        A message that a handler adds to the store itself gets the span of the latest `handle`.
        """
        if not watches(observers, "traceparent"):
            yield
            return
        if not self._current:
            parent, state = (getattr(self.store, name, None) for name in _TRACE)
            self._before = parent, state
        current = self._traces[first.message_id] = _trace(observers) or self._before
        self._current.append(current)
        self._keep(current)
        try:
            yield
        finally:
            self._current.remove(current)
            self._keep(self._current[-1] if self._current else self._before)

    def _keep(self, trace: Trace) -> None:
        for name, value in zip(_TRACE, trace, strict=True):
            if hasattr(self.store, name):
                setattr(self.store, name, value)


def _trace(observers: Sequence[Observer]) -> Trace | None:
    """Return the running span, of the first observer that has one."""
    for each in observers:
        if parent := each.traceparent():
            return parent, each.tracestate()
    return None
