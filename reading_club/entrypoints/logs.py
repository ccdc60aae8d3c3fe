"""One line for each thing that happens, on standard error: for people, or as JSON."""

import logging
import sys
from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, contextmanager
from time import perf_counter
from typing import Any

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

from messagebus import Message
from messagebus.telemetry import Observer, Publication, Trail

_log: FilteringBoundLogger = structlog.get_logger("reading_club.bus")


class _Lines(structlog.WriteLogger):
    """Writes lines under a name, as the standard library's loggers have one."""

    def __init__(self, name: str = "reading_club") -> None:
        super().__init__(sys.stderr)
        self.name = name


def configure(*, json: bool, level: str = "info", also: Sequence[Processor] = ()) -> None:
    """Set up structlog, and have the standard library's loggers write the same lines.

    `also` are processors that add to each line. structlog writes its own lines by itself: through
    the standard library, a line takes 0.1 ms longer.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        *also,
    ]
    last: list[Processor] = [structlog.processors.format_exc_info]
    if json:
        last.append(structlog.processors.JSONRenderer())
    else:
        last += [
            on_one_line,
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ]
    structlog.configure(
        processors=[*shared, *last],
        logger_factory=_Lines,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    logging.getLogger("alembic.runtime.plugins").setLevel(logging.WARNING)
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)


def on_one_line(_logger: WrappedLogger, _name: str, entry: EventDict) -> EventDict:
    """Escape what is not printable: no logged text begins a line, or changes how one looks.

    A traceback has lines of its own, each of them indented.
    """
    return {key: _shown(key, value) for key, value in entry.items()}


def _shown(key: str, value: object) -> object:
    if not isinstance(value, str):
        return value
    if key in ("exception", "stack"):
        return "\n".join(f"    {_escaped(line)}" for line in value.split("\n"))
    return _escaped(value)


def _escaped(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


class LogObserver(Observer):
    """Logs what the bus does; all that is logged within a handler has the ids of its message."""

    @contextmanager
    def handler(
        self, message: Message[Any], trail: Trail, name: str
    ) -> Generator[None, None, None]:
        """Log how a handler ended, and after how long."""
        with (
            structlog.contextvars.bound_contextvars(**_ids(trail)),
            _logged("handled", message=type(message).__name__, handler=name),
        ):
            yield

    def commit(self, unit_of_work: str) -> AbstractContextManager[object]:
        """Log how a commit ended."""
        return _logged("committed")

    def rollback(self, unit_of_work: str) -> AbstractContextManager[object]:
        """Log how a rollback ended."""
        return _logged("rolled back")

    @contextmanager
    def publication(self, publication: Publication) -> Generator[None, None, None]:
        """Log each message that the stream has confirmed; of the others the relay speaks."""
        try:
            yield
        finally:
            for each in publication.batch[: publication.confirmed]:
                headers, envelope = each.headers, each.envelope
                ids = {name: headers[name] for name in Trail._fields if name in headers}
                _log.info("published", type=envelope["type"], message_id=envelope["id"], **ids)


def _ids(trail: Trail) -> dict[str, str]:
    return {name: value for name, value in trail._asdict().items() if value is not None}


@contextmanager
def _logged(done: str, **fields: str) -> Generator[None, None, None]:
    began = perf_counter()
    try:
        yield
    except Exception as error:
        _log.warning(f"not {done}", error=f"{type(error).__name__}: {error}", **fields)
        raise
    _log.info(done, **fields, ms=round((perf_counter() - began) * 1000, 1))
