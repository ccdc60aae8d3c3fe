"""`reading-club`, with its spans as lines of JSON on standard output."""

import json

from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import (
    ConsoleSpanExporter,
    SimpleSpanProcessor,
)

from reading_club.entrypoints.cli import main


def line(span: ReadableSpan) -> str:
    assert span.context
    above = span.parent.span_id if span.parent else None
    fields = {"name": span.name, "id": span.context.span_id, "above": above}
    return json.dumps(fields) + "\n"


def set_up() -> None:
    """Tell OpenTelemetry where spans go: the club does not know it."""
    provider = TracerProvider()
    exporter = ConsoleSpanExporter(formatter=line)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)


if __name__ == "__main__":
    set_up()
    main()
