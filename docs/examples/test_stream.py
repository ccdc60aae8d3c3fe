"""A transport's own test."""

from pathlib import Path

from messagebus.adapters.jsonlines import AsyncJsonLinesStream
from messagebus.testing import check_stream


async def test_lines_keep_what_every_stream_keeps(tmp_path: Path) -> None:
    await check_stream(AsyncJsonLinesStream(tmp_path / "stream.jsonl"))
