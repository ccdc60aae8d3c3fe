"""One more route: a body, a command, two responses."""

from pathlib import Path

import httpx2
from fastapi import APIRouter, Request, Response
from lastuuid import uuid7
from pydantic import BaseModel, SecretStr
from result import Err

from reading_club.bootstrap import Settings, open_club
from reading_club.domain.messages import RegisterReviewer
from reading_club.domain.text import Name
from reading_club.entrypoints.http.app import create_app
from reading_club.entrypoints.http.problems import PROBLEMS

router = APIRouter()


class NewReviewer(BaseModel):
    name: Name


@router.post("/reviewers", status_code=201, response_model=NewReviewer)
async def register_reviewer(request: Request, body: NewReviewer) -> NewReviewer | Response:
    result = await request.app.state.club.handle(RegisterReviewer(id=uuid7(), name=body.name))
    return PROBLEMS.response(result.err_value) if isinstance(result, Err) else body


async def test_a_name_is_taken_once(tmp_path: Path) -> None:
    settings = Settings(database_url=SecretStr(f"sqlite:///{tmp_path}/club.db"))
    async with open_club(settings) as club:
        app = create_app(club)
        app.include_router(router)
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://club") as client:
            responses = [await client.post("/reviewers", json={"name": "Ada"}) for _ in range(2)]
    assert [each.status_code for each in responses] == [201, 409]
