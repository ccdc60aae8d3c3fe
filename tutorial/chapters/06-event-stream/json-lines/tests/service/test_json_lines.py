import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from messagebus import AsyncAbstractEventstreamTransport, AsyncMessageBus
from reading_club.domain.messages import RegisterBook
from tests.memory.uow import InMemoryUnitOfWork


class JsonLines(AsyncAbstractEventstreamTransport):
    """A file with one envelope a line, for whoever reads along."""

    def __init__(self, file: Path) -> None:
        self.file = file

    async def send_message_serialized(self, message: Mapping[str, Any]) -> None:
        with self.file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(message, ensure_ascii=False) + "\n")


async def test_a_registered_book_is_a_line_of_the_file(
    register_book_cmd: RegisterBook, bus: AsyncMessageBus, tmp_path: Path
) -> None:
    file = tmp_path / "stream.jsonl"
    async with InMemoryUnitOfWork(JsonLines(file)) as transaction:
        await bus.handle(register_book_cmd, transaction)
        await transaction.commit()

    (line,) = file.read_text(encoding="utf-8").splitlines()
    envelope = json.loads(line)
    assert envelope["type"] == "register_book_v1"
    assert json.loads(envelope["payload"])["title"] == register_book_cmd.title
