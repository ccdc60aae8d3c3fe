"""A Django view gives a command, inside Django's own transaction."""

import json

import django
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest, JsonResponse
from django.test import Client
from django.urls import path
from docs.examples.shared import Books, RegisterBook, Shelf, bus

DATABASE = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
settings.configure(
    ROOT_URLCONF=__name__,
    DATABASES={"default": DATABASE},
    ALLOWED_HOSTS=["testserver"],
)
django.setup()


class DjangoShelf(Shelf):
    """Its books are rows of Django's connection, kept by its transaction."""

    def __init__(self) -> None:
        self.books = Books()
        transaction.set_autocommit(False)

    def commit(self) -> None:
        with connection.cursor() as cursor:
            for book in self.books.added:
                cursor.execute("INSERT INTO book VALUES (%s)", [book.title])
        transaction.commit()
        transaction.set_autocommit(True)

    def rollback(self) -> None:
        transaction.rollback()
        transaction.set_autocommit(True)


def register_book(request: HttpRequest) -> JsonResponse:
    command = RegisterBook.model_validate_json(request.body)
    with DjangoShelf() as entered:
        answer = bus.handle(command, entered)
        entered.commit()
    return JsonResponse({"answer": answer}, status=201)


urlpatterns = [path("books", register_book)]

with connection.cursor() as cursor:
    cursor.execute("CREATE TABLE book (title TEXT)")
body = json.dumps({"title": "Emma"})
response = Client().post("/books", body, content_type="application/json")
print(response.status_code, response.json())
with connection.cursor() as cursor:
    cursor.execute("SELECT title FROM book")
    print(cursor.fetchall())
