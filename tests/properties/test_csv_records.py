"""CSV: what was written is read, and a text that lost a quote is not read without a word."""

import csv
import io
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from reading_club.adapters.csv_records import (
    LONGEST_FIELD,
    BrokenCsvError,
    CsvRecord,
    read_records,
)

cells = st.text(st.characters(exclude_categories=["Cs"])).filter(str.strip)
words = st.text("ab é", min_size=1).filter(str.strip)


def tables(cell: st.SearchStrategy[str]) -> st.SearchStrategy[Sequence[Sequence[str]]]:
    return st.lists(st.lists(cell, min_size=3, max_size=3), min_size=1, max_size=5)


def written(table: Sequence[Sequence[str]], delimiter: str = ",") -> str:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(table)
    return file.getvalue()


def read(text: str, delimiter: str = ",") -> Sequence[CsvRecord]:
    file = io.TextIOWrapper(
        io.BytesIO(text.encode()), encoding="utf-8", errors="surrogateescape", newline=""
    )
    return [*read_records(file, delimiter)]


@settings(deadline=None)
@given(tables(cells), st.sampled_from(",;"))
def test_a_written_table_is_read_back(table: Sequence[Sequence[str]], delimiter: str) -> None:
    assert read(written(table, delimiter), delimiter) == [(row, None) for row in table]


@settings(deadline=None)
@given(tables(words), st.data())
def test_a_text_that_lost_a_closing_quote_is_not_read_without_a_word(
    table: Sequence[Sequence[str]], data: st.DataObject
) -> None:
    text = written(table)
    quotes = [place for place, character in enumerate(text) if character == '"']
    lost = data.draw(st.sampled_from(quotes[1::2]))
    row = quotes.index(lost) // 6
    where = f"row {row}" if row else "the header"
    try:
        rows = read(text[:lost] + text[lost + 1 :])
    except BrokenCsvError as error:
        told = f"it opens in {where} (line {row + 1})" in str(error)
    else:
        told = any(record.fault for record in rows)
    assert told


@settings(deadline=None)
@given(st.integers(LONGEST_FIELD - 2, LONGEST_FIELD + 2), st.sampled_from('a"é'))
def test_a_field_that_is_too_long_is_a_fault_and_the_next_record_is_read(
    size: int, character: str
) -> None:
    field = "a" * (size - 1) + character
    long, following = read(written([["x", field, "y"], ["next", "record", ""]]))
    if size > LONGEST_FIELD:
        assert long.fault == "a field is longer than 128 KiB"
    else:
        assert long == (["x", field, "y"], None)
    assert following == (["next", "record", ""], None)
