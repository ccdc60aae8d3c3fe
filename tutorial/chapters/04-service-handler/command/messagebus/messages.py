"""Commands: orders, as data."""

from typing import Any, Generic

from pydantic import BaseModel
from typing_extensions import TypeVar

TResult = TypeVar("TResult", default=Any, covariant=True)


class Message(BaseModel):
    """Pydantic's validation."""


class Command(Message, Generic[TResult]):
    """An order to one handler, named in the imperative: `RegisterBook`.

    `Command[Answer]` lets checkers know what its handler returns.
    """
