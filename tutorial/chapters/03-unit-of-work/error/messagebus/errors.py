"""What can go wrong, as a tree.

MessageBusError
└── TransactionError    a block was left without a decision
"""


class MessageBusError(Exception):
    """The root: catch it to catch whatever the bus itself raises."""


class TransactionError(MessageBusError):
    """A block was left without a decision."""
