"""Each page, as every reader sees it: it fits, it is quiet, and axe finds nothing serious.

A page that is as it was when it held is not visited again.
"""

import hashlib
import os
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import READERS, Reader, Visit
from tutorial.known import known_in, texts

ROOT = Path(__file__).parents[2]
KINDS = [
    "",
    "start/",
    "tutorial/",
    "tutorial/09-all-or-nothing/",
    "tutorial/code/09-all-or-nothing/",
    "how-to/flask-and-django/",
    "explanation/promises/",
    "benchmarks/",
    "reference/bus/",
]
"""A page of each kind."""

OVERHANG = """async () => {
    const root = document.documentElement
    const overhang = () => root.scrollWidth - root.clientWidth
    for (let looks = 0; overhang() > 0 && looks < 100; looks++) {
        await new Promise(resolve => setTimeout(resolve, 30))
    }
    return overhang()
}"""
"""How many pixels stand out to the right of the window, once the page has settled into it."""

LEAVE_OUT_WHAT_IS_ALIKE = """() => {
    const seen = new Set()
    for (const code of document.querySelectorAll(".highlight code")) {
        const around = [code.closest(".highlight"), code.closest("details")]
        const prefix = around.map(each => each?.className).join()
        const kinds = [...code.querySelectorAll("[class]")].map(each => prefix + each.className)
        if (kinds.every(kind => seen.has(kind))) code.textContent = code.textContent
        kinds.forEach(kind => seen.add(kind))
    }
}"""
"""A token has its colour from its kind: a listing of kinds that stood before is read as text.

axe takes minutes over the tens of thousands of tokens on a large page.
"""

CONTRAST = """axe.run({runOnly: ["color-contrast"]})"""
ALL_ELSE = """axe.run({rules: {"color-contrast": {enabled: false}}, resultTypes: ["violations"]})"""


def pages() -> list[str]:
    """One page of each kind; with MESSAGEBUS_EVERY_PAGE, every page of the site."""
    if not os.environ.get("MESSAGEBUS_EVERY_PAGE"):
        return KINDS
    site = Path(os.environ["MESSAGEBUS_SITE"])
    found = sorted(file.parent.relative_to(site).as_posix() for file in site.rglob("index.html"))
    return ["" if path == "." else f"{path}/" for path in found]


@pytest.fixture(scope="session")
def looks(site: Path, chromium: Browser) -> str:
    """What all pages share: styles, scripts, pictures, this file and the browser."""
    digest = hashlib.sha256(chromium.version.encode())
    for file in sorted(site.rglob("*")):
        if file.suffix in (".css", ".js", ".svg", ".png"):
            digest.update(file.read_bytes())
    return digest.hexdigest() + "".join(texts([Path(__file__)]))


def serious(page: Page, run: str) -> list[tuple[str, str]]:
    found: Any = page.evaluate(run)
    return [
        (each["id"], node["html"])
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


def wrong_for(page: Page, reader: Reader) -> list[object]:
    """What a reader stumbles over; a page has the same colours on the phone as on a desktop."""
    page.set_viewport_size({"width": reader.width, "height": 900})
    page.emulate_media(color_scheme=reader.scheme, reduced_motion="reduce")
    wide: int = page.evaluate(OVERHANG)
    wrong: list[object] = [f"{wide} pixels too wide"] if wide > 0 else []
    if reader.width > 1000:
        wrong += serious(page, CONTRAST)
    if reader.scheme == "light":
        wrong += serious(page, ALL_ELSE)
    return wrong


@pytest.mark.parametrize("reader", [READERS[0]], ids=str, indirect=True)
@pytest.mark.parametrize("path", pages())
def test_a_page_is_right_for_every_reader(visit: Visit, site: Path, looks: str, path: str) -> None:
    known = known_in(ROOT)
    key = known.key("page", (site / path / "index.html").read_text("utf-8"), looks)
    if known.recall(key):
        return
    page = visit.open(path)
    page.evaluate((resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8"))
    page.evaluate(LEAVE_OUT_WHAT_IS_ALIKE)
    wrong = {str(each): found for each in READERS if (found := wrong_for(page, each))}
    assert (wrong, visit.elsewhere, visit.errors) == ({}, [], [])
    known.note(key, "held")
