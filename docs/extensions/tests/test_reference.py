import re
from collections import Counter
from pathlib import Path

import messagebus

REFERENCE = Path(__file__).resolve().parents[2] / "reference"
ENTRY = re.compile(r"^::: messagebus\.(\w+)$|\{ #messagebus\.(\w+) \}$", re.MULTILINE)
MODULES = {"contracts", "telemetry", "testing"}


def test_every_public_name_has_one_entry_in_the_reference() -> None:
    pages = (page.read_text(encoding="utf-8") for page in REFERENCE.glob("*.md"))
    entries = [name or anchor for page in pages for name, anchor in ENTRY.findall(page)]
    assert Counter(entries) == Counter([*messagebus.__all__, *MODULES])
