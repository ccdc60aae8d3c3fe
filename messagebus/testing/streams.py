"""What every stream has to keep, as one check that any transport's tests can run."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing

from messagebus.relay import AsyncAbstractStream, Delivery, StreamMessage

_PAYLOADS = (
    '{"title": "Zen and the Art"}',
    '{"title": "Žižek, 三体, 🦉", "quoted": "\\"\\\\\\u0000\\n"}',
    '{"title": "a\u2028b\u0085c"}',
    f'{{"title": "{"long " * 50_000}"}}',
    '{"title": ""}',
)


def stream_messages(count: int = len(_PAYLOADS), *, key: str = "book") -> Sequence[StreamMessage]:
    """Messages to publish, each with an id of its own, with all that JSON text may contain."""
    return [
        StreamMessage(
            {
                "id": f"{key}-{number}",
                "created_at": f"2026-01-01T00:00:00.{number:06}+00:00",
                "type": "book_registered_v1",
                "payload": _PAYLOADS[number % len(_PAYLOADS)],
            },
            {"position": str(number + 1), "stream_key": key, "correlation_id": "čase"},
        )
        for number in range(count)
    ]


async def check_stream(stream: AsyncAbstractStream, *, message_timeout: float = 10.0) -> None:
    """Check that a new and empty stream keeps what the relay and the consumers rely on.

    What was published is confirmed, and delivered in order with its envelope and headers
    unchanged; to each consumer, from the first message on; again until it is acknowledged, alone
    or at once with others, and then no more. A message may take `message_timeout` seconds.
    Raises `AssertionError`.
    """
    name = type(stream).__qualname__
    messages = stream_messages()
    await _publish(stream, [])
    await _publish(stream, messages[:2])
    await _publish(stream, messages[2:])

    delivered = await _consume(stream, "first", len(messages), message_timeout)
    for sent, came in zip(messages, delivered, strict=True):
        if came.message != sent:
            raise AssertionError(
                f"{name}.consume delivered {came.message} where {sent} was published; envelopes "
                "and headers travel in order and unchanged: keep them as they are, and wait "
                "for the confirmation of a batch before the next."
            )

    (first, second, *_) = await _consume(stream, "first", 2, message_timeout, acknowledge=(1,))
    _expect(name, first, messages[0], "was not acknowledged, so it has to come again")
    _expect(name, second, messages[1], "was not acknowledged, so it has to come again")
    (again,) = await _consume(stream, "first", 1, message_timeout, acknowledge=(0,))
    _expect(name, again, messages[0], "was not acknowledged, only the one behind it was")

    # One position for each consumer is enough, and then the second comes once more.
    rest = range(len(messages) - 2)
    await _consume(
        stream, "first", len(rest), message_timeout, acknowledge=rest, dealt_with=messages[:2]
    )
    await _publish(stream, stream_messages(1, key="late"))
    (late,) = await _consume(stream, "first", 1, message_timeout, acknowledge=(0,))
    _expect(name, late, stream_messages(1, key="late")[0], "is the first not acknowledged")

    # Acknowledged at once, the newest position stays.
    await _consume(stream, "gathered", len(messages), message_timeout, at_once=True)
    (late,) = await _consume(stream, "gathered", 1, message_timeout)
    _expect(
        name, late, stream_messages(1, key="late")[0], "is behind what was acknowledged at once"
    )

    (independent,) = await _consume(stream, "second", 1, message_timeout)
    _expect(name, independent, messages[0], "is the first for a consumer of another name")


async def _publish(stream: AsyncAbstractStream, batch: Sequence[StreamMessage]) -> None:
    confirmed = await stream.publish(batch)
    if confirmed != len(batch):
        raise AssertionError(
            f"{type(stream).__qualname__}.publish returned {confirmed!r} for {len(batch)} "
            "messages; the relay sends again what is not confirmed: return how many were."
        )


async def _consume(
    stream: AsyncAbstractStream,
    consumer: str,
    count: int,
    message_timeout: float,
    *,
    acknowledge: Sequence[int] = (),
    dealt_with: Sequence[StreamMessage] = (),
    at_once: bool = False,
) -> Sequence[Delivery]:
    """Take some deliveries, acknowledge those with these numbers, and close the consumer."""
    taken: list[Delivery] = []
    try:
        async with (
            aclosing(stream.consume(consumer)) as deliveries,
            asyncio.timeout(message_timeout),
        ):
            while len(taken) < count:
                delivery = await anext(deliveries)
                if delivery.message in dealt_with:
                    await delivery.ack()
                else:
                    taken.append(delivery)
            for number in acknowledge:
                await taken[number].ack()
            if at_once:
                await asyncio.gather(*(each.ack() for each in taken))
    except TimeoutError as error:
        raise AssertionError(
            f"{type(stream).__qualname__}.consume({consumer!r}) delivered {len(taken)} of {count} "
            f"messages within {message_timeout:g} s. A message that is published and not "
            "acknowledged is delivered to each consumer. Begin at the oldest of those."
        ) from error
    return taken


def _expect(name: str, delivery: Delivery, message: StreamMessage, why: str) -> None:
    if delivery.message != message:
        raise AssertionError(
            f"{name}.consume delivered {delivery.message.envelope['id']}, but "
            f"{message.envelope['id']} {why}: remember for each consumer what it acknowledged, "
            "and deliver from the oldest that it did not."
        )
