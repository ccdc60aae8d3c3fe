"""What can go wrong, as a tree.

    MessageBusError
    ├── ConfigurationError        a class, handler or module breaks a rule; seen at start-up
    ├── MissingDependencyError    a handler requests what is not provided
    ├── UnhandledCommandError     a command has no handler
    ├── TransactionError          a step that the transaction's status forbids
    ├── MessageLoopError          messages that raise one another without end
    ├── SerializationError        a message's JSON would not bring it back; also a ValueError
    └── PublicationError          the stream's transport failed after the commit

Each message names the culprit, the rule that it broke, and the remedy.
"""


class MessageBusError(Exception):
    """The root: catch it to catch whatever the bus itself raises."""


class ConfigurationError(MessageBusError):
    """A class, a handler or a module breaks a rule that holds before any message is sent."""


class MissingDependencyError(MessageBusError):
    """A handler's parameter has no default, and neither the bus nor `handle` provides it."""


class UnhandledCommandError(MessageBusError):
    """A command has no handler, so nothing can answer it."""


class TransactionError(MessageBusError):
    """The transaction's status forbids this step, or a block was left without a decision."""


class MessageLoopError(MessageBusError):
    """Messages raised one another for more generations than the bus allows."""


class SerializationError(MessageBusError, ValueError):
    """JSON cannot say what a message holds, or would be read back as another message."""


class PublicationError(MessageBusError):
    """The transport refused a message of a committed transaction; `__cause__` is its error.

    Nothing is lost: the refused message and all behind it stay buffered in order, and
    go first at the next publication of the same event store.
    """

    waiting: int
    """How many messages are still buffered."""

    def __init__(self, message: str, waiting: int) -> None:
        super().__init__(message)
        self.waiting = waiting
