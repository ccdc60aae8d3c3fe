"""Minutes to read, minutes to build, and the share of reprinted lines."""

from tutorial.hours import Work

OLD = [f"line {number}" for number in range(20)]
NEW = [*OLD[:10], "another", *OLD[11:]]


def test_reading_takes_all_printed_lines_and_building_types_the_changed_ones() -> None:
    work = Work(words=2200, printed=180, typed=70)
    assert (work.to_read, work.to_build) == (20, 26)
    assert str(work) == "20 min to read, 26 to build"


def test_a_reprint_was_typed_before_and_stands_more_than_two_lines_from_a_change() -> None:
    work = Work()
    work.count(OLD, NEW)
    assert (work.printed, work.typed, work.reprinted) == (20, 1, 15)
    assert work.share == "15 of 20 printed lines are reprints: 75 %"


def test_lines_around_a_removal_are_no_reprints() -> None:
    work = Work()
    work.count(OLD, [*OLD[:10], *OLD[11:]])
    assert (work.typed, work.reprinted) == (0, 15)


def test_a_listing_of_what_is_there_already_is_all_reprint() -> None:
    work = Work()
    work.count(OLD, OLD)
    assert (work.typed, work.reprinted) == (0, 20)


def test_blank_lines_are_not_counted() -> None:
    work = Work()
    work.count([], ["import os", "", "", "def run() -> None: ..."])
    assert (work.printed, work.typed) == (2, 2)
