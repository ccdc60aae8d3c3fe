"""A Flask view gives a command, and answers with what the handler says."""

from docs.examples.shared import ROWS, RegisterBook, Shelf, bus
from flask import Flask, request
from flask.typing import ResponseReturnValue
from pydantic import ValidationError

app = Flask(__name__)


@app.post("/books")
def register_book() -> ResponseReturnValue:
    command = RegisterBook.model_validate(request.get_json())
    with Shelf() as transaction:
        answer = bus.handle(command, transaction)
        transaction.commit()
    return {"answer": answer}, 201


@app.errorhandler(ValidationError)
def bad_request(error: ValidationError) -> ResponseReturnValue:
    return {"refused": error.errors(include_url=False)}, 422


client = app.test_client()
for body in ({"title": "Emma"}, {"titel": "Emma"}):
    response = client.post("/books", json=body)
    print(response.status_code, response.get_json())
print(ROWS)
