"""What a reader of the built site meets, on a desktop and on a phone, in light and in dark."""

import ast
from textwrap import dedent

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import READERS, Reader, Visit

HANDLE = "messagebus.AsyncMessageBus.handle"


def brightness(page: Page) -> float:
    """The page's background between 0, black, and 255, white."""
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    channels = background.removeprefix("rgb(").removesuffix(")").split(",")
    return sum(float(channel) for channel in channels) / 3


def test_the_landing_page_takes_the_reader_s_light_or_dark(visit: Visit, reader: Reader) -> None:
    page = visit.open("")
    page.wait_for_load_state("networkidle")
    assert (visit.elsewhere, visit.errors) == ([], [])
    assert (brightness(page) > 128) == (reader.scheme == "light")


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


@pytest.mark.parametrize(
    ("path", "reader"),
    [
        ("start/", READERS[-1]),
        ("tutorial/06-event-stream/", READERS[0]),
        ("tutorial/09-all-or-nothing/", READERS[-1]),
    ],
    ids=str,
    indirect=["reader"],
)
def test_a_copy_button_copies_exactly_the_code(visit: Visit, path: str) -> None:
    page = visit.open(path)
    page.evaluate("for (const panel of document.querySelectorAll('details')) panel.open = true")
    blocks = page.locator("pre:has(button[data-md-type=copy])").all()
    assert blocks, f"{path} has no listing with a copy button"
    for block in blocks:
        to_type = block.locator("ins").all_text_contents()
        shown = "".join(to_type) if to_type else block.locator("code").text_content()
        assert shown is not None
        assert copied(page, block).rstrip("\n") == shown.rstrip("\n")


@pytest.mark.parametrize("reader", [READERS[0], READERS[-1]], ids=str, indirect=True)
@pytest.mark.parametrize("path", ["tutorial/16-the-outbox-and-its-relay/", "reference/bus/"])
def test_a_copy_button_covers_no_code(visit: Visit, path: str) -> None:
    page = visit.open(path)
    assert page.evaluate(
        """() => [...document.querySelectorAll("pre:has(> .md-code__nav)")].every(block => {
            const button = block.querySelector(".md-code__nav").getBoundingClientRect();
            const code = block.querySelector("code").getBoundingClientRect();
            return button.bottom <= code.top || code.right <= button.left;
        })"""
    )


@pytest.mark.parametrize("reader", [READERS[0]], ids=str, indirect=True)
def test_the_code_of_python_listings_is_python(visit: Visit) -> None:
    page = visit.open("tutorial/06-event-stream/")
    printed_whole = ".language-python:not(.tutorial-changes)"
    listings = page.locator(f"{printed_whole} pre:has(button[data-md-type=copy]) code")
    shown = listings.all_text_contents()
    assert shown, "the chapter has no Python listing with a copy button"
    for listing in shown:
        ast.parse(dedent(listing))


@pytest.mark.parametrize("reader", [READERS[0], READERS[-1]], ids=str, indirect=True)
def test_one_switch_folds_the_inside_of_the_bus_in_every_chapter(visit: Visit) -> None:
    page = visit.open("tutorial/08-handled-at-once/")
    inside = page.locator("#inside-the-bus-read-at-registration-passed-by-name ~ .highlight").first
    expect(inside).to_be_visible()
    page.get_by_label("I have installed the package").check()
    expect(inside).to_be_hidden()
    expect(page.locator("#inside-the-bus-read-at-registration-passed-by-name")).to_be_visible()

    page = visit.open("tutorial/09-all-or-nothing/")
    switch = page.get_by_label("I have installed the package")
    expect(switch).to_be_checked()
    jump = page.get_by_role("link", name="jump to the run").first
    expect(jump).to_be_hidden()
    switch.uncheck()
    expect(jump).to_be_visible()


@pytest.mark.parametrize("reader", [READERS[0]], ids=str, indirect=True)
def test_chapters_whose_club_needs_their_own_bus_have_no_switch(visit: Visit) -> None:
    page = visit.open("tutorial/16-the-outbox-and-its-relay/")
    expect(page.locator(".tutorial-here")).to_be_visible()
    expect(page.get_by_label("I have installed the package")).to_have_count(0)
