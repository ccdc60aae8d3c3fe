"""A site that was built with its own address and its repository's."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import ThreadingHTTPServer

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.conftest import QuietHandler, Visit
from tutorial.book import ROOT

CONFIG = f"""
INHERIT: {ROOT}/mkdocs.yml
theme: {{custom_dir: {ROOT}/docs/theme}}
nav: [Home: index.md, Bus: bus.md]
plugins: []
watch: []
"""
REPOSITORY = "https://example.org/repository"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a site of two pages that knows where it is."""
    folder = tmp_path_factory.mktemp("published")
    for name in ("docs", "site"):
        (folder / name).mkdir()
    (folder / "mkdocs.yml").write_text(CONFIG, encoding="utf-8")
    (folder / "docs/assets").symlink_to(ROOT / "docs/assets")
    (folder / "docs/index.md").write_text("# Home\n\n[The bus](bus.md)\n", encoding="utf-8")
    (folder / "docs/bus.md").write_text("# The bus\n\nIt dispatches.\n", encoding="utf-8")
    handler = partial(QuietHandler, directory=str(folder / "site"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        address = f"http://127.0.0.1:{server.server_port}/"
        addresses = {"SITE_URL": address, "REPO_URL": REPOSITORY, "EDIT_URI": "edit/main/docs/"}
        subprocess.run(
            [sys.executable, "-m", "mkdocs", "build", "-f", str(folder / "mkdocs.yml")],
            cwd=ROOT,
            env=os.environ | addresses,
            check=True,
            capture_output=True,
        )
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield address
        server.shutdown()
        thread.join()


def test_a_link_changes_the_page_without_loading_it_again(
    published: str, context: BrowserContext
) -> None:
    with context.new_page() as page:
        visit = Visit(page, published)
        visit.open("")
        page.evaluate("window.kept = true")
        page.click("article a:has-text('The bus')")
        page.wait_for_selector("h1:has-text('The bus')")
        assert page.evaluate("window.kept")
        assert visit.elsewhere == []
        assert visit.errors == []


def test_a_page_links_to_its_repository_and_its_source(
    published: str, context: BrowserContext
) -> None:
    with context.new_page() as page:
        visit = Visit(page, published)
        visit.open("bus/")
        links = page.eval_on_selector_all("a", "all => all.map(each => each.href)")
        assert f"{REPOSITORY}/" in links or REPOSITORY in links
        assert f"{REPOSITORY}/edit/main/docs/bus.md" in links
        assert visit.elsewhere == []
