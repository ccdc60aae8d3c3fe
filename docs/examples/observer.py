"""An observer of a few lines, which says what came of what."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from docs.examples.shared import BookRegistered, RegisterBook, Shelf, register

from messagebus import Message, SyncMessageBus
from messagebus.observers import Observer, Trail


class Witness(Observer):
    """Prints how each handler ended, and which message led to which."""

    @contextmanager
    def handler(
        self, message: Message[Any], trail: Trail, name: str
    ) -> Generator[None, None, None]:
        came_of = trail.causation_id or "nothing but a caller"
        print(f"{name}: {trail.message_id}, of {came_of}")
        try:
            yield
        except Exception as error:
            print(f"{name} failed: {error}")
            raise

    @contextmanager
    def commit(self, unit_of_work: str) -> Generator[None, None, None]:
        yield
        print(f"{unit_of_work} committed")


def announce(event: BookRegistered, uow: Shelf) -> None:
    raise RuntimeError("the newsletter is away")


def serve() -> None:
    witness = Witness()
    bus = SyncMessageBus().observe(witness)
    bus.add_listener(RegisterBook, register)
    bus.add_listener(BookRegistered, announce)
    with Shelf().observe(witness) as transaction:
        bus.handle(RegisterBook(title="Emma"), transaction)
        transaction.commit()


if __name__ == "__main__":
    try:
        serve()
    except RuntimeError as error:
        print("refused:", error)
