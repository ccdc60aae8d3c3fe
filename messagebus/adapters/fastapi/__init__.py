"""HTTP for FastAPI: problem details, limits, strict endpoints, tokens, idempotency keys, a feed.

Each part stands alone, and an application takes those that it needs. What is kept or read is asked
of ports: no part knows a database.
"""

from messagebus.adapters.fastapi.application import ProblemFastAPI, add_problem_handlers
from messagebus.adapters.fastapi.authentication import (
    BEARER,
    FORBIDDEN,
    UNAUTHENTICATED,
    TokenAuthentication,
)
from messagebus.adapters.fastapi.docs_page import add_docs_page
from messagebus.adapters.fastapi.feed_router import UNKNOWN_EVENT, feed_router
from messagebus.adapters.fastapi.head import HeadAsGet
from messagebus.adapters.fastapi.health import Readiness, health_router
from messagebus.adapters.fastapi.idempotency import (
    KEY_REPEATED,
    KEY_REUSED,
    IdempotencyKey,
    IdempotentRequest,
    IdempotentUnitOfWork,
    command_id,
    created,
    no_content,
    ok,
    response_headers,
)
from messagebus.adapters.fastapi.json_body import NO_JSON, UNREADABLE
from messagebus.adapters.fastapi.limits import (
    HEADERS_TOO_LARGE,
    TARGET_TOO_LONG,
    TOO_LARGE,
    RequestLimits,
)
from messagebus.adapters.fastapi.preconditions import (
    PRECONDITION_MISSING,
    IfMatch,
    Precondition,
    etag_of,
)
from messagebus.adapters.fastapi.problems import (
    WRONG_REQUEST,
    Problem,
    ProblemError,
    Problems,
    ProblemType,
    WrongField,
)
from messagebus.adapters.fastapi.strict import (
    COMMAND_PROBLEMS,
    NOT_ACCEPTABLE,
    QUERY_PROBLEMS,
    StrictInteger,
    StrictRoute,
    StrictUuid,
)
from messagebus.adapters.feed import EventId, Feed, FeedSource
from messagebus.adapters.idempotency import StoredResponse

__all__ = [
    "BEARER",
    "COMMAND_PROBLEMS",
    "FORBIDDEN",
    "HEADERS_TOO_LARGE",
    "KEY_REPEATED",
    "KEY_REUSED",
    "NOT_ACCEPTABLE",
    "NO_JSON",
    "PRECONDITION_MISSING",
    "QUERY_PROBLEMS",
    "TARGET_TOO_LONG",
    "TOO_LARGE",
    "UNAUTHENTICATED",
    "UNKNOWN_EVENT",
    "UNREADABLE",
    "WRONG_REQUEST",
    "EventId",
    "Feed",
    "FeedSource",
    "HeadAsGet",
    "IdempotencyKey",
    "IdempotentRequest",
    "IdempotentUnitOfWork",
    "IfMatch",
    "Precondition",
    "Problem",
    "ProblemError",
    "ProblemFastAPI",
    "ProblemType",
    "Problems",
    "Readiness",
    "RequestLimits",
    "StoredResponse",
    "StrictInteger",
    "StrictRoute",
    "StrictUuid",
    "TokenAuthentication",
    "WrongField",
    "add_docs_page",
    "add_problem_handlers",
    "command_id",
    "created",
    "etag_of",
    "feed_router",
    "health_router",
    "no_content",
    "ok",
    "response_headers",
]
