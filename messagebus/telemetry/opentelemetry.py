"""Spans of commands, handlers, commits and publications, by OpenTelemetry's API alone.

Which spans are kept and where they go is the application's choice, by OpenTelemetry's SDK, or by
`opentelemetry-instrument` from outside. Without either the API throws them away.
"""

from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from opentelemetry import context, trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from messagebus.messages import Message
from messagebus.observers.observer import Trail
from messagebus.relay.stream import StreamMessage
from messagebus.telemetry.observer import Observer, Publication

TRACEPARENT, TRACESTATE = "traceparent", "tracestate"
_LONGEST_STATE, _LONG_ENTRY = 512, 128
"""What W3C Trace Context asks everybody to carry, and the entries to drop first beyond it."""
_W3C = TraceContextTextMapPropagator()


class OpenTelemetryObserver(Observer):
    """Makes a span of whatever it watches.

    That of a transaction holds those of each `handle`, of the commit or the rollback; that of a
    `handle` holds its handlers'. Where the event store keeps `traceparent`, the relay's
    publication, in whichever process, belongs to the same trace; the message's headers then name
    the publication, for the consumer to go on from.
    """

    def __init__(self, tracer: trace.Tracer | None = None) -> None:
        """Use this tracer, or the one that the global provider has for `messagebus`."""
        self._tracer = tracer or trace.get_tracer("messagebus")

    def transaction(self, unit_of_work: str) -> AbstractContextManager[object]:
        """Watch a transaction of a unit of work, from beginning to end."""
        return self._tracer.start_as_current_span(f"transaction {unit_of_work}")

    def handle(self, message: Message[Any], trail: Trail) -> AbstractContextManager[object]:
        """Watch a whole `handle`."""
        return self._tracer.start_as_current_span(
            f"handle {type(message).__name__}", attributes=_labels(message, trail)
        )

    def handler(
        self, message: Message[Any], trail: Trail, name: str
    ) -> AbstractContextManager[object]:
        """Watch one handler of one message."""
        return self._tracer.start_as_current_span(
            f"handler {name}",
            attributes={**_labels(message, trail), "code.function.name": name},
        )

    def commit(self, unit_of_work: str) -> AbstractContextManager[object]:
        """Watch the commit of a unit of work."""
        return self._tracer.start_as_current_span(f"commit {unit_of_work}")

    def rollback(self, unit_of_work: str) -> AbstractContextManager[object]:
        """Watch the rollback of a unit of work."""
        return self._tracer.start_as_current_span(f"rollback {unit_of_work}")

    @contextmanager
    def publication(self, publication: Publication) -> Generator[None, None, None]:
        """Make a span of each message, in the trace that its headers name, or in the running one.

        A single one is the running span meanwhile, so that a broker's client belongs to it.
        """
        spans = [self._published(each) for each in publication.batch]
        publication.batch = [
            StreamMessage(each.envelope, _handed_on(each.headers, span))
            for each, span in zip(publication.batch, spans, strict=True)
        ]
        only = trace.use_span(spans[0]) if len(spans) == 1 else nullcontext()
        reason = "not confirmed"
        try:
            with only:
                yield
        except Exception as error:
            reason = str(error)
            raise
        finally:
            for span in spans[publication.confirmed :]:
                span.set_status(trace.StatusCode.ERROR, reason)
            for span in spans:
                span.end()

    def traceparent(self) -> str | None:
        """The running span, as W3C Trace Context writes it."""
        return _headers(trace.get_current_span()).get(TRACEPARENT)

    def tracestate(self) -> str | None:
        """What vendors say of the running span, in 512 characters."""
        return _headers(trace.get_current_span()).get(TRACESTATE)

    def _published(self, message: StreamMessage) -> trace.Span:
        parent = _W3C.extract(message.headers) if TRACEPARENT in message.headers else None
        return self._tracer.start_span(
            f"publish {message.envelope['type']}",
            context=parent,
            kind=trace.SpanKind.PRODUCER,
            attributes={
                "messaging.operation.name": "publish",
                "messaging.operation.type": "send",
                "messaging.message.id": message.envelope["id"],
                **_related(message.headers.get("correlation_id"), None),
            },
        )


@contextmanager
def continued(headers: Mapping[str, str]) -> Generator[None, None, None]:
    """Let spans belong to the trace that headers name, a message's or a request's, if they do.

        with continued(delivery.headers):
            await bus.handle(event, transaction)

    A `traceparent` that is none is passed over: it comes from outside. `tracestate` goes with it.
    """
    token = context.attach(_W3C.extract(headers, context.get_current()))
    try:
        yield
    finally:
        context.detach(token)


def _labels(message: Message[Any], trail: Trail) -> Mapping[str, str]:
    return {
        "messaging.message.id": trail.message_id,
        "messagebus.message.type": message.metadata.stream_type,
        **_related(trail.correlation_id, trail.causation_id),
    }


def _related(correlation_id: str | None, causation_id: str | None) -> Mapping[str, str]:
    attributes = {
        "messaging.message.conversation_id": correlation_id,
        "messagebus.causation_id": causation_id,
    }
    return {name: value for name, value in attributes.items() if value is not None}


def _handed_on(headers: Mapping[str, str], span: trace.Span) -> Mapping[str, str]:
    """The headers with the span in place of the one that they name, its state included."""
    own = _headers(span)
    kept = {name: value for name, value in headers.items() if not own or name != TRACESTATE}
    return kept | own


def _headers(span: trace.Span) -> dict[str, str]:
    headers: dict[str, str] = {}
    _W3C.inject(headers, trace.set_span_in_context(span))
    if state := _shortened(headers.pop(TRACESTATE, "")):
        headers[TRACESTATE] = state
    return headers


def _shortened(state: str) -> str:
    """Drop whole entries, as W3C Trace Context says: long ones first, then the oldest, at the end.

    A vendor whose entry is dropped loses its own hint; the trace goes on.
    """
    if len(state) <= _LONGEST_STATE:
        return state
    entries = state.split(",")
    for entry in [each for each in reversed(entries) if len(each) > _LONG_ENTRY]:
        if len(",".join(entries)) > _LONGEST_STATE:
            entries.remove(entry)
    while len(",".join(entries)) > _LONGEST_STATE:
        entries.pop()
    return ",".join(entries)


__all__ = ["OpenTelemetryObserver", "continued"]
