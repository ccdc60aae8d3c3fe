"""Blocking all the way; a dependency posts its letters after the commit."""

from messagebus import (
    Command,
    Event,
    Model,
    SyncAbstractRepository,
    SyncAbstractUnitOfWork,
    SyncDependency,
    SyncMessageBus,
)


class JoinClub(Command[None]):
    name: str


class MemberJoined(Event):
    name: str


class Member(Model):
    name: str


class Club(SyncAbstractUnitOfWork):
    def __init__(self) -> None:
        self.members = SyncAbstractRepository[Member]()

    def commit(self) -> None:
        print("commit")

    def rollback(self) -> None:
        print("rollback")


class Post(SyncDependency):
    def __init__(self) -> None:
        self.letters: list[str] = []

    def on_after_commit(self) -> None:
        for letter in self.letters:
            print("post:", letter)


def join_club(cmd: JoinClub, uow: Club) -> None:
    member = Member(name=cmd.name)
    member.messages.append(MemberJoined(name=member.name))
    uow.members.seen.append(member)


def welcome(event: MemberJoined, uow: Club, post: Post) -> None:
    post.letters.append(f"Welcome, {event.name}!")


bus = SyncMessageBus(post=Post)
bus.add_listener(JoinClub, join_club)
bus.add_listener(MemberJoined, welcome)

with Club() as transaction:
    bus.handle(JoinClub(name="Ada"), transaction)
    transaction.commit()

with Club() as transaction:
    bus.handle(JoinClub(name="Bob"), transaction)
    transaction.rollback()
