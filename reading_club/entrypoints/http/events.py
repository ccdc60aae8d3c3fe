"""The published events as server-sent events, resumable where a reader broke off."""

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import AfterValidator

from reading_club.entrypoints.http.feed import EventId, Feed
from reading_club.entrypoints.http.problems import (
    NOT_ACCEPTABLE,
    UNKNOWN_EVENT,
    WRONG,
    documented,
    problem_of,
    response_of,
)
from reading_club.entrypoints.http.strict import StrictRoute

router = APIRouter(route_class=StrictRoute)
UNBUFFERED = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
"""No cache keeps the feed, and no nginx waits until it has more of it."""


class EventStream(StreamingResponse):
    """Bytes that are server-sent events already."""

    media_type = "text/event-stream"


def _id_of_an_event(text: str) -> str:
    EventId.parse(text)
    return text


@router.get(
    "/events",
    response_class=EventStream,
    responses=documented(UNKNOWN_EVENT, NOT_ACCEPTABLE, WRONG),
)
async def events(
    request: Request,
    last_event_id: Annotated[
        str,
        AfterValidator(_id_of_an_event),
        Header(
            description="The `id` of the last event that was read; browsers send it themselves. "
            "If the stream has no such event, the answer is 409, and the client begins anew "
            "without this header. Events may then come again, and none that is kept is missed. "
            "A position alone, which was the `id` in earlier versions, is taken without looking "
            "at which stream it is of.",
        ),
    ] = "0",
) -> Response:
    """What the club told the event stream, from its beginning or behind an event, and goes on.

    It misses no event, whichever transaction commits first.
    """
    feed: Feed = request.app.state.feed
    event = EventId.parse(last_event_id)
    if not await feed.knows(event):
        return response_of(problem_of(UNKNOWN_EVENT))
    return EventStream(feed.follow(event.position), headers=UNBUFFERED)
