"""The published events as server-sent events, resumable where a reader broke off."""

from collections.abc import AsyncIterable
from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from reading_club.entrypoints.http.feed import Feed
from reading_club.entrypoints.http.problems import WRONG, documented

router = APIRouter()
LARGEST_POSITION = 2**63 - 1


@router.get("/events", response_class=EventSourceResponse, responses=documented(WRONG))
async def events(
    request: Request,
    last_event_id: Annotated[
        int,
        Header(
            ge=0,
            le=LARGEST_POSITION,
            description="The `id` of the last event that was read; browsers send it themselves.",
        ),
    ] = 0,
) -> AsyncIterable[ServerSentEvent]:
    """What the club told the event stream, from its beginning or behind an event, and goes on."""
    feed: Feed = request.app.state.feed
    async for position, message in feed.follow(last_event_id):
        yield ServerSentEvent(
            id=str(position), event=message.envelope["type"], data=dict(message.envelope)
        )
