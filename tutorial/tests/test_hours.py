"""Minutes to read, minutes to build, and the share of reprinted lines."""

from tutorial.changes import Mark, Row
from tutorial.hours import Work

SAME = [Row(Mark.SAME, f"line {number}") for number in range(10)]
NEW = Row(Mark.NEW, "another")
GONE = Row(Mark.GONE, "the former one")
GAP = Row(Mark.GAP, "…")


def test_reading_takes_all_printed_lines_and_building_types_the_changed_ones() -> None:
    work = Work(words=2200, printed=180, typed=70)
    assert (work.to_read, work.to_build) == (20, 26)
    assert str(work) == "20 min to read, 26 to build"


def test_a_reprint_was_typed_before_and_stands_more_than_two_lines_from_a_change() -> None:
    work = Work()
    work.count([*SAME, NEW, *SAME, GAP])
    assert (work.printed, work.typed, work.reprinted) == (21, 1, 16)
    assert work.share == "16 of 21 printed lines are reprints: 76 %"


def test_lines_around_a_removal_are_no_reprints() -> None:
    work = Work()
    work.count([*SAME, GONE, *SAME])
    assert (work.printed, work.typed, work.reprinted) == (21, 0, 16)


def test_a_listing_of_what_is_there_already_is_all_reprint() -> None:
    work = Work()
    work.count(SAME)
    assert (work.typed, work.reprinted) == (0, 10)


def test_blank_lines_are_not_counted() -> None:
    work = Work()
    work.count([NEW, Row(Mark.NEW, ""), Row(Mark.SAME, ""), NEW])
    assert (work.printed, work.typed, work.reprinted) == (2, 2, 0)
