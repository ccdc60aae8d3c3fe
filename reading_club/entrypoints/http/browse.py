"""A page to browse and try the routes: Swagger UI, whose files are served from here."""

from fastapi import APIRouter, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

router = APIRouter()
FILES = StaticFiles(packages=[("fastapi_offline", "static")])
"""What the page loads, for the application to mount at `/docs`."""


@router.get("/docs", include_in_schema=False)
async def docs(request: Request) -> HTMLResponse:
    """Swagger UI. Its addresses are relative, so that any proxy may stand before the server."""
    return get_swagger_ui_html(
        title=request.app.title,
        openapi_url="openapi.json",
        swagger_js_url="docs/swagger-ui-bundle.js",
        swagger_css_url="docs/swagger-ui.css",
        swagger_favicon_url="docs/favicon.png",
    )
