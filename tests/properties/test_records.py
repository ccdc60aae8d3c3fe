"""CSV: the same records as Python's own reader, whatever the text and its pieces."""

import csv
import io
from collections.abc import Sequence

from hypothesis import example, given, settings
from hypothesis import strategies as st

from reading_club.entrypoints.records import LONGEST_FIELD, read_records

texts = st.text('a,;" \n\r', max_size=40)
pieces = st.lists(texts, max_size=4)


def by_python(text: str, delimiter: str) -> Sequence[Sequence[str]]:
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=False
    )
    return [record for record in reader if record]


def by_us(pieces: Sequence[str], delimiter: str) -> Sequence[Sequence[str]]:
    return [record.fields for record in read_records(pieces, delimiter)]


def without_blank_lines(records: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
    return [record for record in records if list(record) != [""]]


@settings(deadline=None)
@given(pieces, st.sampled_from(",;"))
@example(['"a', "\r", '\n""', '"'], ",")
def test_records_are_those_of_pythons_reader(pieces: Sequence[str], delimiter: str) -> None:
    theirs = by_python("".join(pieces), delimiter)
    ours = by_us(pieces, delimiter)
    assert without_blank_lines(ours) == without_blank_lines(theirs)


@settings(deadline=None)
@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=3),
        max_size=5,
    ),
    st.sampled_from(",;"),
)
def test_what_was_written_is_read(table: Sequence[Sequence[str]], delimiter: str) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(table)
    assert by_us([file.getvalue()], delimiter) == [list(row) for row in table]


@settings(deadline=None)
@given(st.integers(LONGEST_FIELD - 2, LONGEST_FIELD + 2), st.sampled_from('a\n"é'))
def test_a_field_that_is_too_long_is_said_so_and_the_next_record_is_read(
    size: int, character: str
) -> None:
    field = "a" * (size - len(character.encode())) + character
    file = io.StringIO(newline="")
    csv.writer(file).writerows([["x", field, "y"], ["next", "record", ""]])
    long, following = read_records([file.getvalue()], ",")
    assert long.too_long is (size > LONGEST_FIELD)
    assert (long.fields[0], long.fields[2]) == ("x", "y")
    assert (following.fields, following.too_long) == (["next", "record", ""], False)


def test_a_quote_that_nobody_closes_takes_in_no_more_than_a_field_may_hold() -> None:
    record = next(read_records(['a,"b', *["c" * 65536] * 1000], ","))
    assert record.too_long
    assert sum(map(len, record.fields)) <= LONGEST_FIELD
