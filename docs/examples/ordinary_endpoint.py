"""An ordinary endpoint, which mails members about a book that is not kept."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from fastapi.responses import PlainTextResponse
from fastapi.testclient import TestClient
from pydantic import BaseModel
from sqlalchemy import StaticPool, create_engine, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class BookRow(Base):
    __tablename__ = "books"

    isbn: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]


engine = create_engine(
    "sqlite://",
    poolclass=StaticPool,
    connect_args={"check_same_thread": False},
)
Base.metadata.create_all(engine)


def open_session() -> Iterator[Session]:
    with Session(engine) as session:
        yield session


def mail_members(text: str) -> None:
    print("mail to every member:", text)


class NewBook(BaseModel):
    isbn: str
    title: str


app = FastAPI()


@app.post("/books", status_code=201)
def register_book(
    book: NewBook, session: Annotated[Session, Depends(open_session)]
) -> None:
    session.add(BookRow(isbn=book.isbn, title=book.title))
    mail_members(f"New on the shelf: {book.title}")
    session.commit()


def is_known(request: Request, error: Exception) -> PlainTextResponse:
    return PlainTextResponse("There is a book with this ISBN.", 409)


def post_one_book_twice(app: FastAPI) -> None:
    app.add_exception_handler(IntegrityError, is_known)
    client = TestClient(app)
    book = {"isbn": "9780321125217", "title": "Domain-Driven Design"}
    for _ in range(2):
        response = client.post("/books", json=book)
        print("POST /books:", response.status_code)
    with Session(engine) as session:
        books = session.scalar(select(func.count()).select_from(BookRow))
    print("books on the shelf:", books)


if __name__ == "__main__":
    post_one_book_twice(app)
