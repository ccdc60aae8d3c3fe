"""What a reader of the built site meets, at a desk and on a phone, in light and in dark."""

import ast
from pathlib import Path
from textwrap import dedent

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import READERS, Reader, Visit

HANDLE = "messagebus.AsyncMessageBus.handle"


def brightness(page: Page) -> float:
    """The page's background between 0, black, and 255, white."""
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    channels = colour.removeprefix("rgb(").removesuffix(")").split(",")
    return sum(float(channel) for channel in channels) / 3


OVERHANG = """async () => {
    const root = document.documentElement
    const overhang = () => root.scrollWidth - root.clientWidth
    for (let looks = 0; overhang() > 0 && looks < 100; looks++) {
        await new Promise(resolve => setTimeout(resolve, 30))
    }
    return overhang()
}"""


def overhang(page: Page) -> int:
    """How many pixels stand out to the right of the window, once the page has settled into it."""
    return int(page.evaluate(OVERHANG))


def test_the_landing_page_takes_the_reader_s_light_or_dark(visit: Visit, reader: Reader) -> None:
    page = visit.open("")
    page.wait_for_load_state("networkidle")
    assert (visit.elsewhere, visit.errors) == ([], [])
    assert (brightness(page) > 128) == (reader.scheme == "light")


@pytest.mark.parametrize("reader", [READERS[1]], ids=str, indirect=True)
def test_every_page_fits_asks_only_its_own_host_and_logs_no_error(visit: Visit, site: Path) -> None:
    """One reader of each width and each scheme: the next page opens as the last one was left."""
    paths = [str(file.parent.relative_to(site)) for file in sorted(site.rglob("index.html"))]
    readers = [READERS[1], READERS[2]]
    wide: dict[str, int] = {}
    for path in paths:
        page = visit.open("" if path == "." else f"{path}/")
        for reader in readers:
            page.set_viewport_size({"width": reader.width, "height": 900})
            page.emulate_media(color_scheme=reader.scheme)
            if (pixels := overhang(page)) > 0:
                wide[f"{path} {reader}"] = pixels
        readers.reverse()
    visit.page.wait_for_load_state("networkidle")
    assert (wide, visit.elsewhere, visit.errors) == ({}, [], [])


@pytest.mark.parametrize("reader", [READERS[1], READERS[2]], ids=str, indirect=True)
def test_search_finds_a_method_by_its_dotted_name(visit: Visit, reader: Reader) -> None:
    page = visit.open("")
    if reader.width < 1000:
        page.locator("label.md-header__button[for=__search]").click()
    page.locator("[data-md-component=search-query]").press_sequentially("AsyncMessageBus.handle")
    best = page.locator(".md-search-result__item").first
    link = best.locator(f"a[href*='#{HANDLE}']").first
    link.wait_for(state="attached")
    if not link.is_visible():
        best.locator("summary").click()
    link.click()
    page.wait_for_url(f"**/*#{HANDLE}")
    expect(page.locator(f"[id='{HANDLE}']")).to_be_in_viewport()


def copied(page: Page, block: Locator) -> str:
    """What the clipboard holds after a click on the block's copy button."""
    page.evaluate("navigator.clipboard.writeText('nothing yet')")
    block.hover()
    block.locator("button[data-md-type=copy]").click()
    page.wait_for_function("async () => await navigator.clipboard.readText() != 'nothing yet'")
    return str(page.evaluate("navigator.clipboard.readText()"))


@pytest.mark.parametrize("reader", [READERS[0], READERS[-1]], ids=str, indirect=True)
@pytest.mark.parametrize("path", ["start/", "tutorial/06-event-stream/"])
def test_a_copy_button_copies_exactly_the_code(visit: Visit, path: str) -> None:
    page = visit.open(path)
    page.evaluate("for (const panel of document.querySelectorAll('details')) panel.open = true")
    blocks = page.locator("pre:has(button[data-md-type=copy])").all()
    assert blocks, f"{path} has no listing with a copy button"
    for block in blocks:
        shown = block.locator("code").text_content()
        assert shown is not None
        assert copied(page, block).rstrip("\n") == shown.rstrip("\n")


@pytest.mark.parametrize("reader", [READERS[0]], ids=str, indirect=True)
def test_the_code_of_python_listings_is_python(visit: Visit) -> None:
    page = visit.open("tutorial/06-event-stream/")
    listings = page.locator(".language-python pre:has(button[data-md-type=copy]) code")
    shown = listings.all_text_contents()
    assert shown, "the chapter has no Python listing with a copy button"
    for listing in shown:
        ast.parse(dedent(listing))
