"""Whoever reads by keyboard, without motion or on paper meets the same site."""

import pytest

from tests.browser.conftest import READERS, Reader, Visit


@pytest.mark.parametrize("reader", [READERS[0]], ids=str, indirect=True)
def test_the_keyboard_reaches_a_jump_and_opens_an_answer(visit: Visit) -> None:
    page = visit.open("tutorial/09-all-or-nothing/")
    jump = page.get_by_role("link", name="jump to the run").first
    jump.focus()
    page.keyboard.press("Enter")
    assert page.url.endswith("#ada-keeps-her-book")
    answer = page.locator("details", has_text="An answer").first
    answer.locator("summary").focus()
    page.keyboard.press("Enter")
    assert answer.evaluate("details => details.open")


@pytest.mark.parametrize("reader", [READERS[0]], ids=str, indirect=True)
def test_a_chapter_on_paper_has_its_text_and_no_navigation(visit: Visit, reader: Reader) -> None:
    page = visit.open("tutorial/09-all-or-nothing/")
    page.emulate_media(media="print")
    assert page.locator("h1").is_visible()
    assert page.locator(".highlight").first.is_visible()
    for away in (".md-header", ".md-sidebar--primary", ".md-footer", ".tutorial-stops"):
        assert not page.locator(away).first.is_visible()


@pytest.mark.parametrize("reader", [READERS[0]], ids=str, indirect=True)
def test_reduced_motion_stops_transitions(visit: Visit) -> None:
    page = visit.open("start/")
    page.emulate_media(reduced_motion="reduce")
    duration = page.evaluate("getComputedStyle(document.querySelector('.md-header')).transition")
    assert duration.startswith(("none", "all 0s"))
