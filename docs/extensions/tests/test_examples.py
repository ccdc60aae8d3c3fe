"""The page of examples prints what it says, and has one for each public name or its variant."""

import doctest
import re

import messagebus
from tutorial.book import ROOT

PAGE = ROOT / "docs/reference/examples.md"


def test_the_examples_print_what_the_page_says() -> None:
    run = doctest.testfile(str(PAGE), module_relative=False)
    assert run.attempted > 20
    assert run.failed == 0


def test_each_public_name_has_an_example() -> None:
    blocks = re.findall(r"```pycon\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    used = set(re.findall(r"\w+", "\n".join(blocks)))
    assert {name for name in messagebus.__all__ if not {name, other_variant(name)} & used} == set()


def other_variant(name: str) -> str:
    for one, other in (("Sync", "Async"), ("Async", "Sync"), ("sync_", "async_")):
        if name.startswith(one):
            return other + name.removeprefix(one)
    return name
