"""A mail that leaves after the commit, or not at all."""

from docs.examples.shared import BookRegistered, RegisterBook, Shelf, register

from messagebus import SyncDependency, SyncMessageBus


class Mailer(SyncDependency):
    """Collects mails; `on_after_commit` is where your SMTP client stands."""

    def __init__(self) -> None:
        self.mails: list[str] = []

    def on_after_commit(self) -> None:
        for mail in self.mails:
            print("sent:", mail)

    def on_after_rollback(self) -> None:
        print(f"{len(self.mails)} mail(s) forgotten")


def tell_members(event: BookRegistered, uow: Shelf, mailer: Mailer) -> None:
    mailer.mails.append(f"New on the shelf: {event.title}")


bus = SyncMessageBus(mailer=Mailer)
bus.add_listener(RegisterBook, register)
bus.add_listener(BookRegistered, tell_members)

with Shelf() as transaction:
    bus.handle(RegisterBook(title="Emma"), transaction)
    bus.handle(RegisterBook(title="Persuasion"), transaction)
    transaction.commit()

with Shelf() as transaction:
    bus.handle(RegisterBook(title="Nobody's book"), transaction)
    transaction.rollback()
