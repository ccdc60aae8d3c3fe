"""The work of one command, without a bus: a book, its two messages and their envelope."""

import datetime
import json
from typing import Any, TypedDict
from uuid import UUID

from lastuuid import uuid7
from pydantic import BaseModel, ConfigDict, Field


class Texts(TypedDict):
    isbn: str
    title: str
    author: str


TEXTS: Texts = {
    "isbn": "0-321-12521-5",
    "title": "Domain-Driven Design",
    "author": "Eric Evans",
}


def utc_now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


class PlainBook(BaseModel):
    id: UUID
    isbn: str
    title: str
    author: str


class PlainMessage(BaseModel):
    model_config = ConfigDict(frozen=True)

    message_id: UUID = Field(default_factory=uuid7, exclude=True)
    created_at: datetime.datetime = Field(default_factory=utc_now, exclude=True)
    id: UUID
    isbn: str
    title: str
    author: str


class PlainRegisterBook(PlainMessage):
    pass


class PlainBookRegistered(PlainMessage):
    pass


def envelope(
    message_id: object, created_at: datetime.datetime, payload: dict[str, Any]
) -> dict[str, str]:
    return {
        "id": str(message_id),
        "created_at": created_at.isoformat(),
        "type": "register_book_v1",
        "payload": json.dumps(payload, ensure_ascii=False),
    }


def plain_envelope(event: PlainBookRegistered) -> dict[str, str]:
    return envelope(event.message_id, event.created_at, event.model_dump(mode="json"))
