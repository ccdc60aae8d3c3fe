"""The published events as server-sent events, resumable where a reader broke off."""

from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import StreamingResponse

from reading_club.entrypoints.http.feed import Feed
from reading_club.entrypoints.http.problems import WRONG, documented

router = APIRouter()
LARGEST_POSITION = 2**63 - 1


class EventStream(StreamingResponse):
    """Bytes that are server-sent events already."""

    media_type = "text/event-stream"


@router.get("/events", response_class=EventStream, responses=documented(WRONG))
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
) -> EventStream:
    """What the club told the event stream, from its beginning or behind an event, and goes on."""
    feed: Feed = request.app.state.feed
    return EventStream(feed.follow(last_event_id), headers={"Cache-Control": "no-cache"})
