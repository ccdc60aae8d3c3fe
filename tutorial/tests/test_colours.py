"""An output keeps its text and gets pytest's colours."""

import re
from html import unescape

import pytest

from tutorial.colours import coloured


@pytest.mark.parametrize(
    ("line", "marked"),
    [
        (".F.", '<span class="good">.</span><span class="bad">F</span><span class="good">.</span>'),
        ("E   assert [] == [1]", '<span class="bad">E   assert [] == [1]</span>'),
        ("tests/a.py:7: in test", '<span class="bad at">tests/a.py</span>:7: in test'),
        ("FAILED tests/a.py::b", '<span class="bad">FAILED</span> tests/a.py::b'),
        ("1 failed, 2 passed", '<span class="bad">1 failed, 2 passed</span>'),
        ("3 passed", '<span class="good">3 passed</span>'),
        ("    return a < b", "    return a &lt; b"),
        ("$ pytest -q", '<span class="gp">$</span> pytest -q'),
    ],
)
def test_a_line_has_its_colour_and_its_text(line: str, marked: str) -> None:
    assert coloured([line]) == marked
    assert unescape(re.sub(r"<[^>]+>", "", coloured([line]))) == line
