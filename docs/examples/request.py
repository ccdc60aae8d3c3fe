"""Ask the club over HTTP, and print the answer: asked.py METHOD PATH BODY."""

import asyncio
import sys

import httpx2
from structlog.testing import capture_logs

from reading_club.bootstrap import Settings, open_club
from reading_club.entrypoints.http.app import create_app


async def ask(method: str, path: str, body: str) -> None:
    async with open_club(Settings()) as club:
        app = create_app(club)
        client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app), base_url="http://club"
        )
        headers = {"Content-Type": "application/json"}
        with capture_logs():
            answer = await client.request(
                method, path, content=body, headers=headers
            )
    print(answer.status_code, answer.headers["content-type"])
    print(answer.text)


if __name__ == "__main__":
    asyncio.run(ask(*sys.argv[1:4]))
