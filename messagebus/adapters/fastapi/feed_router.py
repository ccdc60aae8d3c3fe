"""The feed as an endpoint: server-sent events, resumable where a client broke off."""

from typing import Annotated

from fastapi import APIRouter, Header, Response
from fastapi.responses import StreamingResponse
from pydantic import AfterValidator

from messagebus.adapters.fastapi.problems import WRONG_REQUEST, Problems, ProblemType
from messagebus.adapters.fastapi.strict import NOT_ACCEPTABLE, StrictRoute
from messagebus.adapters.feed import EventId, Feed

UNKNOWN_EVENT = ProblemType(
    409,
    "unknown-event",
    "The stream has no such event, or none any more: begin anew, without Last-Event-ID.",
)

UNBUFFERED = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
"""No cache keeps the feed, and no nginx waits until it has more of it."""


class EventStream(StreamingResponse):
    """Bytes that are server-sent events already."""

    media_type = "text/event-stream"


def _validate_event_id(text: str) -> str:
    EventId.parse(text)
    return text


LastEventId = Annotated[
    str,
    AfterValidator(_validate_event_id),
    Header(
        alias="last-event-id",
        description="The `id` of the last event that was read; browsers send it themselves. "
        "If the stream has no such event, the answer is 409, and the client begins anew "
        "without this header. Events may then come again, and none that is kept is missed. "
        "A position alone, which was the `id` in earlier versions, is taken without looking "
        "at which stream it is of.",
    ),
]


def feed_router(feed: Feed, problems: Problems) -> APIRouter:
    """Make `/events`, which sends what is published, from the beginning or behind an event.

    The feed is open as long as the application serves, in its lifespan or around its server.
    """
    router = APIRouter(route_class=StrictRoute)

    @router.get(
        "/events",
        response_class=EventStream,
        responses=problems.responses(UNKNOWN_EVENT, NOT_ACCEPTABLE, WRONG_REQUEST),
    )
    async def events(last_event_id: LastEventId = "0") -> Response:
        """What the service told the event stream, from its beginning or behind an event, and on.

        It misses no event, whichever transaction commits first.
        """
        event = EventId.parse(last_event_id)
        if not await feed.knows(event):
            return problems.response(UNKNOWN_EVENT)
        return EventStream(feed.follow(event.position), headers=UNBUFFERED)

    return router
