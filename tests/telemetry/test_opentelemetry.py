"""Spans: which there are, how they hang together, and how a trace goes on elsewhere."""

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from pathlib import Path

import pytest
from lastuuid.dummies import uuidgen
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from messagebus.adapters.jsonlines import AsyncJsonLinesStream
from messagebus.adapters.sqlalchemy import AsyncSqlDatabase, AsyncSqlOutbox, leader_of
from messagebus.relay import AsyncRelay, MessageRefusedError, StreamMessage
from messagebus.telemetry import (
    AsyncObservedMessageBus,
    AsyncObservedStream,
    Observer,
    observed_unit_of_work,
)
from messagebus.telemetry.opentelemetry import OpenTelemetryObserver, continued
from messagebus.testing.streams import check_stream, stream_messages
from reading_club.adapters.tables import eventstore
from reading_club.adapters.uow import ClubUnitOfWork
from reading_club.domain.messages import RegisterBook

REQUEST = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
BOOK = RegisterBook(id=uuidgen(1), isbn="0-321-12521-5", title="DDD", author="Eric Evans")


async def carry_out(database: AsyncSqlDatabase, *observers: Observer) -> None:
    bus = AsyncObservedMessageBus(*observers)
    bus.scan("reading_club.service.handlers")
    async with observed_unit_of_work(ClubUnitOfWork, *observers)(database) as transaction:
        await bus.handle(BOOK, transaction)
        await transaction.commit()


async def relay(database: AsyncSqlDatabase, stream: AsyncObservedStream) -> None:
    outbox = AsyncSqlOutbox(database, eventstore)
    await AsyncRelay(outbox, stream, leader_of(database, eventstore)).drain()


async def headers_of_first(stream: AsyncObservedStream) -> Mapping[str, str]:
    async with aclosing(stream.consume("reader")) as deliveries:
        return (await anext(deliveries)).message.headers


def tree(spans: Sequence[ReadableSpan]) -> Mapping[str, str | None]:
    """Each span's name, and that of the span that it belongs to."""
    names = {each.context.span_id: each.name for each in spans if each.context}
    return {each.name: each.parent and names.get(each.parent.span_id) for each in spans}


async def test_a_request_is_one_trace_from_the_door_to_the_stream(
    each_database: AsyncSqlDatabase,
    tmp_path: Path,
    tracing: OpenTelemetryObserver,
    spans: InMemorySpanExporter,
) -> None:
    with continued({"traceparent": REQUEST}):
        await carry_out(each_database, tracing)
    stream = AsyncObservedStream(AsyncJsonLinesStream(tmp_path / "stream"), tracing)
    await relay(each_database, stream)

    finished = spans.get_finished_spans()
    handler = "handler reading_club.service.handlers.book.register_book"
    assert tree(finished) == {
        "transaction ClubUnitOfWork": None,
        "handle RegisterBook": "transaction ClubUnitOfWork",
        handler: "handle RegisterBook",
        "commit ClubUnitOfWork": "transaction ClubUnitOfWork",
        "publish register_book_v1": "handle RegisterBook",
    }
    traces = {f"{each.context.trace_id:032x}" for each in finished if each.context}
    assert traces == {REQUEST.split("-")[1]}

    published = next(each for each in finished if each.name == "publish register_book_v1")
    assert published.context
    assert published.kind is SpanKind.PRODUCER
    assert (await headers_of_first(stream))["traceparent"].split("-")[1:3] == [
        REQUEST.split("-")[1],
        f"{published.context.span_id:016x}",
    ]


async def test_spans_say_which_message_and_what_it_came_of(
    database: AsyncSqlDatabase, tracing: OpenTelemetryObserver, spans: InMemorySpanExporter
) -> None:
    await carry_out(database, tracing)
    handled = next(each for each in spans.get_finished_spans() if each.name.startswith("handler"))
    assert handled.attributes == {
        "messaging.message.id": str(BOOK.message_id),
        "messaging.message.conversation_id": str(BOOK.message_id),
        "messagebus.message.type": "register_book_v1",
        "code.function.name": "reading_club.service.handlers.book.register_book",
    }


async def test_rows_of_a_transaction_that_nobody_traces_have_no_traceparent(
    database: AsyncSqlDatabase, tmp_path: Path
) -> None:
    await carry_out(database)
    stream = AsyncObservedStream(AsyncJsonLinesStream(tmp_path / "stream"))
    await relay(database, stream)
    assert "traceparent" not in await headers_of_first(stream)


async def test_without_an_sdk_there_are_no_spans_and_the_request_s_trace_is_handed_on(
    database: AsyncSqlDatabase, tmp_path: Path
) -> None:
    tracing = OpenTelemetryObserver()
    with continued({"traceparent": REQUEST}):
        await carry_out(database, tracing)
    stream = AsyncObservedStream(AsyncJsonLinesStream(tmp_path / "stream"), tracing)
    await relay(database, stream)
    assert (await headers_of_first(stream))["traceparent"] == REQUEST


@pytest.mark.parametrize("given", ["", "nonsense", "00-00-00-00", "00-" + "0" * 32, "🦉"])
async def test_a_traceparent_that_is_none_begins_a_trace_of_its_own(
    database: AsyncSqlDatabase,
    tracing: OpenTelemetryObserver,
    spans: InMemorySpanExporter,
    given: str,
) -> None:
    with continued({"traceparent": given}):
        await carry_out(database, tracing)
    first = next(each for each in spans.get_finished_spans() if each.name.startswith("transaction"))
    assert first.parent is None


class Refusing(AsyncJsonLinesStream):
    """Takes one message and refuses the next."""

    async def publish(self, batch: Sequence[StreamMessage]) -> int:
        await super().publish(batch[:1])
        raise MessageRefusedError("the second is too large", confirmed=1)


async def test_a_message_that_is_refused_is_a_span_that_failed(
    tmp_path: Path, tracing: OpenTelemetryObserver, spans: InMemorySpanExporter
) -> None:
    stream = AsyncObservedStream(Refusing(tmp_path / "stream"), tracing)
    with pytest.raises(MessageRefusedError):
        await stream.publish(stream_messages(2))
    taken, refused = spans.get_finished_spans()
    assert taken.status.status_code is StatusCode.UNSET
    assert refused.status.status_code is StatusCode.ERROR
    assert refused.status.description == "the second is too large"


async def test_a_stream_that_is_watched_keeps_what_every_stream_has_to_keep(
    tmp_path: Path,
) -> None:
    plain = AsyncJsonLinesStream(tmp_path / "stream")
    await check_stream(AsyncObservedStream(plain, Observer()))
