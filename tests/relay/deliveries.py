"""What was delivered, decoded."""

from messagebus.relay import Delivery, StreamMessage, decode


def message_of(delivery: Delivery) -> StreamMessage:
    return decode(delivery.body, delivery.headers)


def id_of(delivery: Delivery) -> str:
    return message_of(delivery).envelope["id"]
