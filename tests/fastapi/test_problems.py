"""Every error of an application is answered with problem details."""

import pytest
from fastapi import APIRouter, HTTPException, Query, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from messagebus.adapters.fastapi import WRONG_REQUEST, ProblemError
from tests.fastapi.conftest import (
    CLOSED,
    PROBLEMS,
    DepotClosedError,
    ParcelError,
    application,
    client_of,
    problem,
)

router = APIRouter()


@router.get("/parcels/{id}", responses=PROBLEMS.responses(ParcelError.not_found, CLOSED))
async def parcel(id: int) -> Response:
    if id == 1:
        raise DepotClosedError
    if id == 2:
        raise ZeroDivisionError
    if id == 3:
        raise ProblemError(WRONG_REQUEST, "it is 3", {"X-Number": "3"})
    if id == 4:
        raise HTTPException(418, "tea")
    return PROBLEMS.response(ParcelError.not_found, f"there is no {id}")


@router.put("/parcels/{id}")
async def rename(id: int, weight: int = Query(ge=0)) -> None: ...


app = application()
app.include_router(router)
app.mount("/files", StaticFiles(directory="."))


async def test_error_of_a_handler_has_the_uri_of_its_problem_type() -> None:
    async with client_of(app) as client:
        response = await client.get("/parcels/9")
    assert response.json() == {
        "type": "urn:parcels:problem:no-such-parcel",
        "title": "No parcel has this id.",
        "status": 404,
        "detail": "there is no 9",
    }
    assert response.headers["content-type"] == "application/problem+json"


def test_error_without_a_problem_type_raises() -> None:
    with pytest.raises(KeyError):
        PROBLEMS.response(ParcelError.unmapped)


async def test_mapped_exception_is_answered_with_the_headers_of_its_type() -> None:
    async with client_of(app) as client:
        response = await client.get("/parcels/1")
    assert problem(response)["type"] == "closed"
    assert response.headers["retry-after"] == "1"


async def test_problem_error_is_answered_with_its_detail_and_headers() -> None:
    async with client_of(app) as client:
        response = await client.get("/parcels/3")
    assert problem(response) == {
        "type": "wrong-request",
        "title": WRONG_REQUEST.title,
        "status": 422,
        "detail": "it is 3",
    }
    assert response.headers["x-number"] == "3"


async def test_defect_is_answered_without_a_detail() -> None:
    async with client_of(app) as client:
        response = await client.get("/parcels/2")
    assert problem(response) == {
        "type": "about:blank",
        "title": "Internal Server Error",
        "status": 500,
    }


async def test_http_exception_is_answered_by_its_status() -> None:
    async with client_of(app) as client:
        own, unknown = await client.get("/parcels/4"), await client.get("/nothing")
    assert problem(own) == {
        "type": "about:blank",
        "title": "I'm a Teapot",
        "status": 418,
        "detail": "tea",
    }
    assert problem(unknown) == {"type": "about:blank", "title": "Not Found", "status": 404}


async def test_each_wrong_field_is_named() -> None:
    async with client_of(app) as client:
        found = problem(await client.put("/parcels/x", params={"weight": -1}))
    assert found["type"] == "wrong-request"
    assert [each["field"] for each in found["errors"]] == ["path.id", "query.weight"]


async def test_wrong_method_is_answered_with_the_methods_of_the_path() -> None:
    async with client_of(app) as client:
        response = await client.delete("/parcels/9")
        file = await client.delete("/files/README.md")
    assert problem(response)["status"] == 405
    assert response.headers["allow"] == "GET, HEAD, PUT"
    assert file.status_code == 405
    assert any(isinstance(route, Mount) for route in app.routes)


def test_openapi_names_the_problem_types_of_each_endpoint() -> None:
    schema = app.openapi()
    responses = schema["paths"]["/parcels/{id}"]["get"]["responses"]
    assert {"404", "503", "414", "431"} <= set(responses)
    named = responses["404"]["content"]["application/problem+json"]["schema"]
    assert named["allOf"][0] == {"$ref": "#/components/schemas/Problem"}
    assert named["allOf"][1]["properties"]["type"]["enum"] == ["urn:parcels:problem:no-such-parcel"]
    assert {"Problem", "WrongField"} <= set(schema["components"]["schemas"])


def test_problem_types_of_one_status_are_one_response() -> None:
    (response,) = PROBLEMS.responses(WRONG_REQUEST, WRONG_REQUEST._replace(name="two")).values()
    schema = response["content"]["application/problem+json"]["schema"]
    assert schema["allOf"][1]["properties"]["type"]["enum"] == [
        "urn:parcels:problem:wrong-request",
        "urn:parcels:problem:two",
    ]


def test_openapi_is_extended_again_after_a_router_was_added() -> None:
    app = application()
    assert "/parcels/{id}" not in app.openapi()["paths"]
    app.include_router(router)
    schema = app.openapi()
    assert "Problem" in schema["components"]["schemas"]
    assert "414" in schema["paths"]["/parcels/{id}"]["put"]["responses"]
