"""What can go wrong, as a tree.

MessageBusError
├── ConfigurationError       a handler breaks a rule; seen at start-up
├── UnhandledCommandError    a command has no handler
└── TransactionError         a block was left without a decision
"""


class MessageBusError(Exception):
    """The root: catch it to catch whatever the bus itself raises."""


class ConfigurationError(MessageBusError):
    """A handler breaks a rule that holds before any message is sent."""


class UnhandledCommandError(MessageBusError):
    """A command has no handler, so nothing can answer it."""


class TransactionError(MessageBusError):
    """A block was left without a decision."""
