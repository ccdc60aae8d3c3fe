"""Metrics for Prometheus: how often, how long, how it ended, and what waits for the stream."""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from time import perf_counter
from typing import Any, Protocol

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from messagebus.messages import Message
from messagebus.observers.observer import Trail
from messagebus.telemetry.observer import Observer, Publication

BUCKETS = (0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0)
"""Seconds. A handler in memory takes some microseconds, a commit on a full disk a second."""

OUTBOX = {
    "readable": "Whether the outbox could be asked.",
    "waiting": "Messages that wait for the stream.",
    "oldest_seconds": "For how long the oldest of them has waited; 0 where none waits.",
    "parked": "Messages that wait behind a dead letter.",
    "dead": "Messages that the stream has refused for good.",
}


class PrometheusObserver(Observer):
    """Counts and times whatever it watches; `outcome` is `ok` or `error`.

    Labels are names of classes and functions, never what somebody typed, so that their number is
    that of the application's own.
    """

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        """Keep the metrics in this registry, each once."""
        self._handle = _Timed(
            Histogram(
                "messagebus_handle_seconds",
                "A message given to handle, and all that it gave rise to.",
                ["message", "outcome"],
                buckets=BUCKETS,
                registry=registry,
            )
        )
        self._handler = _Timed(
            Histogram(
                "messagebus_handler_seconds",
                "One handler of one message.",
                ["message", "handler", "outcome"],
                buckets=BUCKETS,
                registry=registry,
            )
        )
        self._end = _Timed(
            Histogram(
                "messagebus_transaction_end_seconds",
                "Commits and rollbacks of units of work.",
                ["unit_of_work", "step", "outcome"],
                buckets=BUCKETS,
                registry=registry,
            )
        )
        self._published = Counter(
            "messagebus_published",
            "Messages that the stream has confirmed.",
            ["type"],
            registry=registry,
        )
        self._unconfirmed = Counter(
            "messagebus_unconfirmed",
            "Messages that were given to the stream and not confirmed; they are sent again.",
            ["type"],
            registry=registry,
        )

    def handle(self, message: Message[Any], trail: Trail) -> AbstractContextManager[object]:
        """Time a whole `handle`."""
        return self._handle.during(type(message).__name__)

    def handler(
        self, message: Message[Any], trail: Trail, name: str
    ) -> AbstractContextManager[object]:
        """Time one handler of one message."""
        return self._handler.during(type(message).__name__, name)

    def commit(self, unit_of_work: str) -> AbstractContextManager[object]:
        """Time a commit."""
        return self._end.during(unit_of_work, "commit")

    def rollback(self, unit_of_work: str) -> AbstractContextManager[object]:
        """Time a rollback."""
        return self._end.during(unit_of_work, "rollback")

    @contextmanager
    def publication(self, publication: Publication) -> Generator[None, None, None]:
        """Count what was confirmed and what was not."""
        try:
            yield
        finally:
            for place, each in enumerate(publication.batch):
                confirmed = place < publication.confirmed
                counter = self._published if confirmed else self._unconfirmed
                counter.labels(each.envelope["type"]).inc()


class Waiting(Protocol):
    """What is asked of an outbox; the status of `AsyncSqlOutbox` says it."""

    @property
    def waiting(self) -> int:
        """How many messages wait for the stream."""
        ...

    @property
    def oldest_age(self) -> float | None:
        """For how many seconds the oldest of them has waited."""
        ...

    @property
    def parked(self) -> int:
        """How many wait behind a dead letter."""
        ...

    @property
    def dead(self) -> int:
        """How many the stream has refused for good."""
        ...


class OutboxCollector(Collector):
    """What waits in an outbox, looked up when somebody asks for the metrics.

        registry.register(OutboxCollector(look))

    `look` is called in the thread that serves the metrics. Where it fails, the others are shown
    without these.
    """

    def __init__(self, look: Callable[[], Waiting]) -> None:
        self._look = look

    def describe(self) -> Sequence[Metric]:
        """Name the metrics without looking."""
        return [_gauge(name) for name in OUTBOX]

    def collect(self) -> Iterator[Metric]:
        """Look, and say what was found."""
        try:
            found = self._look()
        except Exception:
            yield _gauge("readable", 0)
            return
        yield _gauge("readable", 1)
        yield _gauge("waiting", found.waiting)
        yield _gauge("oldest_seconds", found.oldest_age or 0)
        yield _gauge("parked", found.parked)
        yield _gauge("dead", found.dead)


def _gauge(name: str, value: float | None = None) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"messagebus_outbox_{name}", OUTBOX[name], value)


class _Timed:
    """A histogram whose last label is the outcome, with the children that were asked for before."""

    def __init__(self, histogram: Histogram) -> None:
        self._histogram = histogram
        self._observe: dict[tuple[str, ...], Callable[[float], None]] = {}

    def during(self, *labels: str) -> "_Timing":
        return _Timing(self, labels)

    def take(self, labels: tuple[str, ...], seconds: float) -> None:
        observe = self._observe.get(labels)
        if observe is None:
            observe = self._observe[labels] = self._histogram.labels(*labels).observe
        observe(seconds)


class _Timing:
    """Takes the time of a block; slots, because there is one for each handler's call."""

    __slots__ = ("_began", "_labels", "_timed")

    def __init__(self, timed: _Timed, labels: tuple[str, ...]) -> None:
        self._timed = timed
        self._labels = labels

    def __enter__(self) -> None:
        self._began = perf_counter()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        outcome = "ok" if kind is None else "error"
        self._timed.take((*self._labels, outcome), perf_counter() - self._began)


__all__ = ["BUCKETS", "OutboxCollector", "PrometheusObserver", "Waiting"]
