"""The consumer: from the stream to the bus, the effect of each message once, in order by its key.

It is the outbox and its relay in the other direction. The inbox stores what was applied, and holds
what failed, in the transaction of the effect. The package knows no database and no broker.
"""

from messagebus.consumer.consumer import AsyncConsumer
from messagebus.consumer.counts import ConsumerCounts
from messagebus.consumer.inbox import (
    Arrival,
    AsyncAbstractInbox,
    HeldMessage,
    InboxStatus,
    OvertakenError,
    Taken,
)

__all__ = [
    "Arrival",
    "AsyncAbstractInbox",
    "AsyncConsumer",
    "ConsumerCounts",
    "HeldMessage",
    "InboxStatus",
    "OvertakenError",
    "Taken",
]
