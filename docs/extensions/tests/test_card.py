"""What is said of a page where somebody sends a link to it, with and without an address."""

import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from struct import unpack
from xml.etree import ElementTree

import pytest
from typing_extensions import override

from tutorial.book import ROOT

PAGE = """---
title: The "bus" & co
---

# The bus

It *takes* a `Command`
and says "done" & more.
{ .lead }
"""
CONFIG = f"""
INHERIT: {ROOT}/mkdocs.yml
theme: {{custom_dir: {ROOT}/docs/theme}}
nav: [Home: index.md, Bus: bus.md]
plugins: []
watch: []
"""
ADDRESS = "https://example.org/docs"


class Meta(HTMLParser):
    """The contents of a page's meta elements, by their names."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.properties: dict[str, str] = {}
        self.feed(html)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "meta" and (name := attributes.get("property") or attributes.get("name")):
            self.properties[name] = attributes.get("content") or ""


def built(folder: Path, **address: str) -> Path:
    """A site of two pages in the project's own configuration, its address in the environment."""
    (folder / "docs").mkdir()
    (folder / "mkdocs.yml").write_text(CONFIG)
    (folder / "docs/index.md").write_text("# Home\n\nNo lead.\n\n[The bus](bus.md)\n")
    (folder / "docs/bus.md").write_text(PAGE)
    environ = {name: value for name, value in os.environ.items() if name != "SITE_URL"}
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict"],
        cwd=folder,
        env=environ | {"PYTHONPATH": str(ROOT), "NO_MKDOCS_2_WARNING": "1"} | address,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder / "site"


@pytest.fixture(scope="module")
def nowhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("nowhere"))


@pytest.fixture(scope="module")
def somewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("somewhere"), SITE_URL=ADDRESS)


def properties(site: Path, page: str) -> dict[str, str]:
    return Meta((site / page).read_text(encoding="utf-8")).properties


def test_a_page_s_card_has_its_title_and_its_lead(nowhere: Path) -> None:
    card = properties(nowhere, "bus/index.html")
    assert card["og:title"] == card["twitter:title"] == 'The "bus" & co'
    lead = 'It takes a Command and says "done" & more.'
    assert card["og:description"] == card["twitter:description"] == card["description"] == lead


def test_a_page_without_a_lead_is_described_as_the_site_is(nowhere: Path) -> None:
    card = properties(nowhere, "index.html")
    assert card["og:description"] == card["description"]
    assert card["og:description"].startswith("A small, typed message bus")
    assert card["og:title"] == "messagebus: nothing leaves before the commit"


@pytest.mark.parametrize("page", ["index.html", "bus/index.html", "404.html"])
def test_a_site_without_an_address_has_no_picture_on_its_cards(nowhere: Path, page: str) -> None:
    card = properties(nowhere, page)
    assert card["twitter:card"] == "summary"
    assert card.keys().isdisjoint({"og:image", "twitter:image", "og:url"})


@pytest.mark.parametrize("page", ["index.html", "bus/index.html", "404.html"])
def test_a_site_with_an_address_has_its_picture_there(somewhere: Path, page: str) -> None:
    card = properties(somewhere, page)
    assert card["twitter:card"] == "summary_large_image"
    assert card["og:image"] == card["twitter:image"] == f"{ADDRESS}/assets/card.png"


def test_a_card_leads_to_its_own_page(somewhere: Path) -> None:
    assert properties(somewhere, "bus/index.html")["og:url"] == f"{ADDRESS}/bus/"


def test_the_picture_has_the_size_that_the_card_says(somewhere: Path) -> None:
    card = properties(somewhere, "index.html")
    size = unpack(">II", (ROOT / "docs/assets/card.png").read_bytes()[16:24])
    assert size == (int(card["og:image:width"]), int(card["og:image:height"])) == (1200, 630)


def test_a_site_without_an_address_has_no_sitemap(nowhere: Path) -> None:
    assert list(nowhere.glob("sitemap*")) == []


def test_a_sitemap_lists_the_address_of_each_page(somewhere: Path) -> None:
    pages = ElementTree.parse(somewhere / "sitemap.xml").iterfind("{*}url/{*}loc")
    assert [page.text for page in pages] == [f"{ADDRESS}/", f"{ADDRESS}/bus/"]
    assert (somewhere / "sitemap.xml.gz").is_file()


@pytest.mark.parametrize("page", ["index.html", "bus/index.html"])
def test_links_between_pages_are_relative_with_an_address_too(somewhere: Path, page: str) -> None:
    body = (somewhere / page).read_text(encoding="utf-8").partition("<body")[2]
    assert ADDRESS not in body
    assert f'href="{"bus/" if page == "index.html" else ".."}"' in body
