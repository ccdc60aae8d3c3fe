"""What can go wrong, as a tree.

    MessageBusError
    ├── ConfigurationError        a class, handler or module breaks a rule; seen at start-up
    ├── UnhandledCommandError     a command has no handler
    ├── TransactionError          a block was left without a decision
    └── MessageLoopError          messages that raise one another without end

Each message names the culprit, the rule that it broke, and the remedy.
"""


class MessageBusError(Exception):
    """The root: catch it to catch whatever the bus itself raises."""


class ConfigurationError(MessageBusError):
    """A class, a handler or a module breaks a rule that holds before any message is sent."""


class UnhandledCommandError(MessageBusError):
    """A command has no handler, so nothing can answer it."""


class TransactionError(MessageBusError):
    """A block was left without a decision."""


class MessageLoopError(MessageBusError):
    """Messages raised one another for more generations than the bus allows."""
