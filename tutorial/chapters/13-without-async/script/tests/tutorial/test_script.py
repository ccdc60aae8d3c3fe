from lastuuid.dummies import uuidgen

from messagebus import SyncSinkholeEventstreamTransport
from reading_club.domain.messages import RegisterBook
from tests.tutorial.library import LibraryUnitOfWork, library_bus

LINES = """
0-321-12521-5;Domain Driven Design;Eric Evans
978-0-13-235088-4;Clean Code;Robert C. Martin
"""


def register_all(lines: str, uow: LibraryUnitOfWork) -> int:
    """Register a book for each line, all of them or none."""
    bus = library_bus()
    with uow as transaction:
        for number, line in enumerate(lines.split("\n")[1:-1], start=1):
            isbn, title, author = line.split(";")
            order = RegisterBook(id=uuidgen(number), isbn=isbn, title=title, author=author)
            bus.handle(order, transaction)
        transaction.commit()
    return len(uow.kept)


def test_a_script_needs_no_loop() -> None:
    assert register_all(LINES, LibraryUnitOfWork(SyncSinkholeEventstreamTransport())) == 2
