"""Spans: which there are, how they hang together, and how a trace goes on elsewhere."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from lastuuid.dummies import uuidgen
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import Decision, SamplingResult, StaticSampler
from opentelemetry.trace import SpanKind, StatusCode

from messagebus import AsyncAbstractRepository, AsyncMessageBus, Command, Event, Model
from messagebus.adapters.jsonlines import AsyncJsonLinesStream
from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    AsyncSqlOutbox,
    AsyncSqlUnitOfWork,
    leader_of,
)
from messagebus.relay import AsyncRelay, MessageRejectedError, StreamMessage
from messagebus.telemetry import (
    AsyncObservedStream,
    Observer,
)
from messagebus.telemetry.opentelemetry import OpenTelemetryObserver, continued
from messagebus.testing.streams import check_stream, stream_messages
from reading_club.adapters.tables import eventstore
from reading_club.adapters.uow import ClubUnitOfWork
from reading_club.domain.messages import RegisterBook

REQUEST = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
LONG = [f"a={'1' * 253}", f"b={'2' * 254}"]
"""Together, with the comma, 512 characters."""

BOOK = RegisterBook(id=uuidgen(1), isbn="0-321-12521-5", title="DDD", author="Eric Evans")


def request_of(number: int) -> Mapping[str, str]:
    """The headers of a request in a trace of this number."""
    return {
        "traceparent": f"00-{number:032x}-b7ad6b7169203331-01",
        "tracestate": f"vendor={number}",
    }


async def carry_out(database: AsyncSqlDatabase, *observers: Observer) -> None:
    bus = AsyncMessageBus().observe(*observers)
    bus.scan("reading_club.service.handlers")
    async with ClubUnitOfWork(database).observe(*observers) as transaction:
        await bus.handle(BOOK, transaction)
        await transaction.commit()


async def relay(database: AsyncSqlDatabase, stream: AsyncObservedStream) -> None:
    outbox = AsyncSqlOutbox(database, eventstore)
    await AsyncRelay(outbox, stream, leader_of(database, eventstore)).drain()


async def headers_of_first(stream: AsyncObservedStream) -> Mapping[str, str]:
    async with aclosing(stream.consume("reader")) as deliveries:
        return (await anext(deliveries)).headers


def tree(spans: Sequence[ReadableSpan]) -> Mapping[str, str | None]:
    """Each span's name, and that of the span that it belongs to."""
    names = {each.context.span_id: each.name for each in spans if each.context}
    return {each.name: each.parent and names.get(each.parent.span_id) for each in spans}


async def test_a_request_is_one_trace_from_the_entrypoint_to_the_stream(
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


async def test_what_vendors_say_of_a_trace_travels_with_it_to_the_stream(
    each_database: AsyncSqlDatabase, tmp_path: Path, tracing: OpenTelemetryObserver
) -> None:
    state = "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE,fw529a3039@dt=FfAAAA"
    with continued({"traceparent": REQUEST, "tracestate": state}):
        await carry_out(each_database, tracing)
    stream = AsyncObservedStream(AsyncJsonLinesStream(tmp_path / "stream"), tracing)
    await relay(each_database, stream)
    headers = await headers_of_first(stream)
    assert headers["traceparent"].split("-")[1] == REQUEST.split("-")[1]
    assert headers["tracestate"] == state
    with continued(headers):
        assert tracing.tracestate() == state


async def test_a_trace_of_which_no_vendor_says_anything_has_no_tracestate(
    each_database: AsyncSqlDatabase, tmp_path: Path, tracing: OpenTelemetryObserver
) -> None:
    with continued({"traceparent": REQUEST}):
        await carry_out(each_database, tracing)
    stream = AsyncObservedStream(AsyncJsonLinesStream(tmp_path / "stream"), tracing)
    await relay(each_database, stream)
    assert "tracestate" not in await headers_of_first(stream)


@pytest.mark.parametrize(
    ("entries", "kept"),
    [
        (LONG, LONG),
        (["a=1", "b=" + "2" * 256, "c=3", "d=" + "4" * 256], ["a=1", "b=" + "2" * 256, "c=3"]),
        ([f"v{n}={'x' * 60}" for n in range(10)], [f"v{n}={'x' * 60}" for n in range(8)]),
        (["a=" + "1" * 256, "b=" + "2" * 256, "c=3"], ["a=" + "1" * 256, "c=3"]),
    ],
    ids=[
        "all of 512 characters",
        "the longer ones from the end",
        "the oldest go",
        "long ones go first",
    ],
)
async def test_a_tracestate_of_more_than_512_characters_loses_whole_entries(
    each_database: AsyncSqlDatabase,
    tmp_path: Path,
    tracing: OpenTelemetryObserver,
    entries: Sequence[str],
    kept: Sequence[str],
) -> None:
    with continued({"traceparent": REQUEST, "tracestate": ",".join(entries)}):
        await carry_out(each_database, tracing)
    stream = AsyncObservedStream(AsyncJsonLinesStream(tmp_path / "stream"), tracing)
    await relay(each_database, stream)
    assert (await headers_of_first(stream))["tracestate"].split(",") == kept


async def test_a_tracestate_of_which_nothing_is_left_is_no_header(
    tracing: OpenTelemetryObserver,
) -> None:
    with continued({"traceparent": REQUEST, "tracestate": f"{'a' * 256}={'1' * 256}"}):
        assert (tracing.traceparent(), tracing.tracestate()) == (REQUEST, None)


class Stateless(StaticSampler):
    """Records every span, and leaves the trace's state behind."""

    def should_sample(self, *args: Any, **named: Any) -> SamplingResult:
        return SamplingResult(Decision.RECORD_AND_SAMPLE)


async def test_a_publication_without_a_tracestate_takes_that_of_the_message_away(
    tmp_path: Path,
) -> None:
    (message,) = stream_messages(1)
    tracer = TracerProvider(sampler=Stateless(Decision.RECORD_AND_SAMPLE)).get_tracer("test")
    unobserved = AsyncJsonLinesStream(tmp_path / "stream")
    stream = AsyncObservedStream(unobserved, OpenTelemetryObserver(tracer))
    headers = {**message.headers, **request_of(1)}
    await stream.publish([StreamMessage(message.envelope, headers)])
    published = await headers_of_first(stream)
    assert published["traceparent"].split("-")[1] == f"{1:032x}"
    assert "tracestate" not in published


class Enter(Command[None]):
    number: int


class Entered(Event):
    number: int


class Entrant(Model):
    pass


class Entrants(AsyncSqlUnitOfWork):
    def __init__(self, database: AsyncSqlDatabase) -> None:
        super().__init__(database, eventstore)
        self.entrants = AsyncAbstractRepository[Entrant]()


async def kept_traces(database: AsyncSqlDatabase) -> dict[str, tuple[Any, ...]]:
    """The kind and number of each message, with its `traceparent` and `tracestate`."""
    columns = eventstore.table.c
    query = sa.select(columns.kind, columns.payload, columns.traceparent, columns.tracestate)
    rows = await database.run(lambda connection: connection.execute(query).all())
    return {f"{kind} {json.loads(payload)['number']}": (*trace,) for kind, payload, *trace in rows}


async def test_each_of_the_commands_that_are_gathered_keeps_its_own_trace(
    each_database: AsyncSqlDatabase, tracing: OpenTelemetryObserver
) -> None:
    bus = AsyncMessageBus().observe(tracing)
    all_have_begun = asyncio.Barrier(3)

    async def enter(command: Enter, uow: Entrants) -> None:
        entrant = Entrant()
        entrant.messages.append(Entered(number=command.number))
        uow.entrants.seen.append(entrant)
        await all_have_begun.wait()

    async def request(number: int, transaction: Entrants) -> None:
        with continued(request_of(number)):
            await bus.handle(Enter(number=number), transaction)

    bus.add_listener(Enter, enter)
    async with Entrants(each_database) as transaction:
        await asyncio.gather(*(request(number, transaction) for number in (1, 2, 3)))
        await transaction.eventstore.add(Entered(number=4))
        await transaction.commit()

    kept = await kept_traces(each_database)
    by_hand = kept.pop("event 4")
    assert len(kept) == 6
    for message, (traceparent, tracestate) in kept.items():
        number = int(message[-1])
        assert traceparent.split("-")[1] == f"{number:032x}", message
        assert tracestate == f"vendor={number}", message
    assert by_hand == (None, None)


@pytest.mark.parametrize("traceparent", ["", "nonsense", "00-00-00-00", "00-" + "0" * 32, "🦉"])
async def test_a_traceparent_that_is_none_begins_a_trace_of_its_own(
    database: AsyncSqlDatabase,
    tracing: OpenTelemetryObserver,
    spans: InMemorySpanExporter,
    traceparent: str,
) -> None:
    with continued({"traceparent": traceparent}):
        await carry_out(database, tracing)
    first = next(each for each in spans.get_finished_spans() if each.name.startswith("transaction"))
    assert first.parent is None


class Refusing(AsyncJsonLinesStream):
    """Takes one message and refuses the next."""

    async def publish(self, batch: Sequence[StreamMessage]) -> int:
        await super().publish(batch[:1])
        raise MessageRejectedError("the second is too large", confirmed=1)


async def test_a_message_that_is_refused_is_a_span_that_failed(
    tmp_path: Path, tracing: OpenTelemetryObserver, spans: InMemorySpanExporter
) -> None:
    stream = AsyncObservedStream(Refusing(tmp_path / "stream"), tracing)
    with pytest.raises(MessageRejectedError):
        await stream.publish(stream_messages(2))
    taken, refused = spans.get_finished_spans()
    assert taken.status.status_code is StatusCode.UNSET
    assert refused.status.status_code is StatusCode.ERROR
    assert refused.status.description == "the second is too large"


async def test_a_stream_that_is_watched_keeps_what_every_stream_has_to_keep(
    tmp_path: Path,
) -> None:
    unobserved = AsyncJsonLinesStream(tmp_path / "stream")
    await check_stream(AsyncObservedStream(unobserved, Observer()))
