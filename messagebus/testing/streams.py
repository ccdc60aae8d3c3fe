"""What every stream has to keep, as one check that any transport's tests can run."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing, suppress

from messagebus.contracts import UnreadableMessageError
from messagebus.relay import AsyncAbstractStream, Delivery, StreamMessage, decode

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


async def check_stream(
    stream: AsyncAbstractStream,
    *,
    foreign: Callable[[], Awaitable[object]] | None = None,
    message_timeout: float = 10.0,
) -> None:
    """Check that a new and empty stream keeps what the relay and the consumers rely on.

    What was published is confirmed, and delivered in order as bytes that decode to the same
    envelope and headers; to each consumer, registered or not, from the first message on; again
    until it is acknowledged, alone or at once with others, and then no more. `foreign` puts bytes
    that are no message into the stream, by other means than `publish`: they are delivered too.
    A message may take `message_timeout` seconds. Raises `AssertionError`.
    """
    name = type(stream).__qualname__
    messages = stream_messages()
    for consumer in ("first", "registered", "registered", "gathered", "second", "foreign"):
        await stream.register(consumer)
    await _publish(stream, [])
    await _publish(stream, messages[:2])
    await _publish(stream, messages[2:])

    delivered = await _consume(stream, "first", len(messages), message_timeout)
    for sent, came in zip(messages, delivered, strict=True):
        if _decoded(came) != sent:
            raise AssertionError(
                f"{name}.consume delivered {_decoded(came)} where {sent} was published; envelopes "
                "and headers travel in order and unchanged: keep them as they are, and wait "
                "for the confirmation of a batch before the next."
            )

    await _check_lag(stream, "first", len(messages))
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
    late_message = stream_messages(1, key="late")[0]
    await _publish(stream, [late_message])
    (late,) = await _consume(stream, "first", 1, message_timeout, acknowledge=(0,))
    _expect(name, late, late_message, "is the first not acknowledged")
    await _check_lag(stream, "first", 0)

    # Acknowledged at once, in either order, the newest position stays.
    for consumer, order in (("gathered", 1), ("registered", -1)):
        await _consume(stream, consumer, len(messages), message_timeout, at_once=order)
        (late,) = await _consume(stream, consumer, 1, message_timeout)
        _expect(name, late, late_message, "is behind what was acknowledged at once")

    (independent,) = await _consume(stream, "second", 1, message_timeout)
    _expect(name, independent, messages[0], "is the first for a consumer of another name")
    (unregistered,) = await _consume(stream, "unregistered", 1, message_timeout)
    _expect(name, unregistered, messages[0], "is the first for a consumer that was not registered")
    if foreign is not None:
        await _check_foreign(stream, foreign, len(messages) + 1, message_timeout)


async def _check_foreign(
    stream: AsyncAbstractStream,
    foreign: Callable[[], Awaitable[object]],
    count: int,
    message_timeout: float,
) -> None:
    """Check that bytes which are no message are delivered, and the message behind them too."""
    name = type(stream).__qualname__
    await foreign()
    behind = stream_messages(1, key="behind")[0]
    await _publish(stream, [behind])
    *_, alien, last = await _consume(stream, "foreign", count + 2, message_timeout, at_once=1)
    with suppress(UnreadableMessageError):
        raise AssertionError(
            f"{name}.consume delivered {decode(alien.body, alien.headers)}, where bytes that are "
            "no message were next: deliver each entry, and leave its bytes to the codec."
        )
    _expect(name, last, behind, "is behind the bytes that are no message")
    await _check_lag(stream, "foreign", 0)


async def _check_lag(stream: AsyncAbstractStream, consumer: str, expected: int) -> None:
    if (lag := await stream.lag(consumer)) not in (None, expected):
        raise AssertionError(
            f"{type(stream).__qualname__}.lag({consumer!r}) is {lag}, and {expected} messages are "
            "not acknowledged: count those, or return None."
        )


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
    at_once: int = 0,
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
                if dealt_with and _decoded(delivery) in dealt_with:
                    await delivery.ack()
                else:
                    taken.append(delivery)
            for number in acknowledge:
                await taken[number].ack()
            if at_once:
                await asyncio.gather(*(each.ack() for each in taken[::at_once]))
    except TimeoutError as error:
        raise AssertionError(
            f"{type(stream).__qualname__}.consume({consumer!r}) delivered {len(taken)} of {count} "
            f"messages within {message_timeout:g} s. A message that is published and not "
            "acknowledged is delivered to each consumer. Begin at the oldest of those."
        ) from error
    return taken


def _decoded(delivery: Delivery) -> StreamMessage:
    try:
        return decode(delivery.body, delivery.headers)
    except UnreadableMessageError as error:
        raise AssertionError(
            f"a delivered body cannot be decoded: {error}. Publish what an encoder of "
            "messagebus.relay.codec makes, and deliver its bytes unchanged."
        ) from error


def _expect(name: str, delivery: Delivery, message: StreamMessage, why: str) -> None:
    if (delivered := _decoded(delivery)) != message:
        raise AssertionError(
            f"{name}.consume delivered {delivered.envelope['id']}, but "
            f"{message.envelope['id']} {why}: remember for each consumer what it acknowledged, "
            "and deliver from the oldest that it did not."
        )
