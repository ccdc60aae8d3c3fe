"""What a transaction's repositories have seen, and what those models raised.

Collecting asks only the models that are new in `seen`, and those whose messages were
requested since: a command costs the same whether ten came before it or ten thousand.
"""

from collections.abc import Sequence
from typing import Any

from messagebus.messages import Message
from messagebus.model import Messages, messages_of
from messagebus.repository import Repository, Seen, seen_of


class Collector:
    """Takes what the models of one transaction raised, each message once, until it ends."""

    __slots__ = ("_observed", "_seen", "_uow", "requested")

    def __init__(self, uow: Any) -> None:
        self._uow = uow
        self.requested: list[Messages] = []
        self._seen: list[Seen] = []
        self._observed: list[Messages] = []
        for value in vars(uow).values():
            if isinstance(value, Repository):
                self.adopt(value)

    def adopt(self, repository: Repository[Any]) -> None:
        """Collect from this repository too, from an empty `seen` on."""
        seen = seen_of(repository)
        seen.collector, seen.looked_at, seen.models = self, 0, []
        self._seen.append(seen)

    def collect(self) -> Sequence[Message]:
        """Take the messages that were raised since the last time."""
        for value in vars(self._uow).values():
            if isinstance(value, Repository):
                self._look(seen_of(value))
        if not self.requested:
            return ()
        collected: list[Message] = []
        for messages in self.requested:
            if messages:
                collected += messages
                messages.clear()
        self.requested.clear()
        return collected

    def _look(self, seen: Seen) -> None:
        """Watch the models that are new; all, where some were taken out."""
        if seen.collector is not self:
            seen.collector = self
            self._seen.append(seen)
        if len(seen.models) == seen.looked_at:
            return
        models = seen.models[seen.looked_at :] if len(seen.models) > seen.looked_at else seen.models
        for model in models:
            messages = messages_of(model)
            if self not in messages.watchers:
                messages.watchers += (self,)
                self._observed.append(messages)
            if messages:
                self.requested.append(messages)
        seen.looked_at = len(seen.models)

    def end(self) -> Sequence[Message]:
        """Let models and repositories go; return the messages that were left."""
        left: list[Message] = []
        for seen in self._seen:
            seen.collector = None
            for model in seen.models:
                messages = model.__dict__.get("_messages")
                if messages:
                    left += messages
                    messages.clear()
        for messages in self._observed:
            if messages.watchers == (self,):
                messages.watchers = ()
            else:
                messages.watchers = tuple(each for each in messages.watchers if each is not self)
        return left
