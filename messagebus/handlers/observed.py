"""Listeners whose handlers are observed."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from messagebus.handlers.listeners import Handler, Listener, describe
from messagebus.messages import Message
from messagebus.observers.observer import Watch, around


class ObservedListeners:
    """The listeners of each message class, with observers around their handlers."""

    def __init__(
        self,
        listeners: Mapping[type[Message], list[Listener]],
        awaits: bool,
        watching: Sequence[Watch],
    ) -> None:
        self._listeners = listeners
        self._watch = self._awaiting if awaits else self._blocking
        self._watching = watching
        self._known: dict[type[Message], tuple[list[Listener], list[Listener]]] = {}

    def get(self, message_type: type[Message]) -> list[Listener] | None:
        """Return the observed listeners, made anew where the registered ones have changed."""
        listeners = self._listeners.get(message_type)
        if listeners is None:
            return None
        known = self._known.get(message_type)
        if known is None or known[0] is not listeners:
            observed = [replace(each, handler=self._watch(each.handler)) for each in listeners]
            known = self._known[message_type] = (listeners, observed)
        return known[1]

    def _awaiting(self, handler: Handler) -> Handler:
        name = describe(handler)

        @functools.wraps(handler)
        async def observed(message: Message, transaction: Any, **kwargs: Any) -> Any:
            trail = transaction.tx_store.of(message)
            with around(self._watching, message, trail, name):
                return await handler(message, transaction, **kwargs)

        return observed

    def _blocking(self, handler: Handler) -> Handler:
        name = describe(handler)

        @functools.wraps(handler)
        def observed(message: Message, transaction: Any, **kwargs: Any) -> Any:
            trail = transaction.tx_store.of(message)
            with around(self._watching, message, trail, name):
                return handler(message, transaction, **kwargs)

        return observed
