"""A page to browse and try the endpoints: Swagger UI, whose files are served from here."""

from fastapi import FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles


def add_docs_page(app: FastAPI) -> None:
    """Serve Swagger UI at `/docs`, without a file from elsewhere; by the extra `fastapi-docs`.

        app = ProblemFastAPI(PROBLEMS, title="Parcels", docs_url=None, redoc_url=None)
        add_docs_page(app)

    The page's addresses are relative, so that any proxy may stand before the server.
    """

    async def docs(request: Request) -> HTMLResponse:
        return get_swagger_ui_html(
            title=request.app.title,
            openapi_url="openapi.json",
            swagger_js_url="docs/swagger-ui-bundle.js",
            swagger_css_url="docs/swagger-ui.css",
            swagger_favicon_url="docs/favicon.png",
        )

    app.add_api_route("/docs", docs, include_in_schema=False)
    app.mount("/docs", StaticFiles(packages=[("fastapi_offline", "static")]))
