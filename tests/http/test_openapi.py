"""The running server, held to its own OpenAPI by Schemathesis: a bounded number of requests.

The feed has no end, so its tests are its own. That all valid data are accepted is not asked: no
schema says which ISBNs have a right checksum, or which keys were used before.
"""

import asyncio
import sys
from pathlib import Path

import pytest

from reading_club.bootstrap import Settings
from tests.http.test_process import serving

OPTIONS = (
    *("--exclude-path", "/events", "--exclude-checks", "positive_data_acceptance"),
    *("--phases", "examples,coverage,fuzzing", "--max-examples", "10", "--no-color"),
)


@pytest.mark.parametrize("token", [None, "a" * 32], ids=["nobody is asked", "by a token"])
async def test_whatever_is_sent_the_answer_is_one_that_openapi_names(
    file: Path, file_settings: Settings, token: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    by: list[str] = []
    if token is not None:
        monkeypatch.setenv("READING_CLUB_TOKENS", f"ann write {token}")
        by = ["--header", f"Authorization: Bearer {token}"]
    schemathesis = str(Path(sys.executable).with_name("schemathesis"))
    async with serving(file_settings) as (_, client):
        asking = await asyncio.create_subprocess_exec(
            *(schemathesis, "run", str(client.base_url.join("/openapi.json")), *by, *OPTIONS),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=file.parent,
        )
        output, _ = await asking.communicate()
    assert asking.returncode == 0, output.decode()
