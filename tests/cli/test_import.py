"""Importing files of books."""

import csv
import os
import sqlite3
import subprocess
import sys
import unicodedata
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import reading_club
from reading_club.adapters.bookfile import BookFile
from tests.cli.conftest import Club, output

DATA = Path(reading_club.__file__).parent / "data"
DDD = "Domain Driven Design,Eric Evans,0-321-12521-5"
CLEAN = "Clean Code,Robert C. Martin,9780132350884"


@pytest.fixture
def books(folder: Path) -> Path:
    return folder / "books.csv"


def lines(*rows: str) -> bytes:
    return "\n".join(["title,author,isbn", *rows]).encode()


def refused(report: Any) -> Sequence[int]:
    return [rejected["row"] for rejected in report["refused"]]


def test_every_book_of_the_projects_list_goes_in_with_its_event(club: Club) -> None:
    with (DATA / "books.csv").open(encoding="utf-8", newline="") as file:
        listed = list(csv.DictReader(file))
    imported = club("import", DATA / "books.csv", "--json")
    assert imported.exit_code == 0
    assert output(imported) == {"imported": len(listed), "unchanged": 0, "refused": []}
    shelf = output(club("books", "--json"))
    assert [{key: book[key] for key in ("title", "author", "isbn")} for book in shelf] == listed
    assert len(club("events", "--json").stdout.splitlines()) == len(listed)


def test_of_the_dirty_list_what_is_good_goes_in_and_the_rest_is_named(club: Club) -> None:
    club("import", DATA / "books.csv")
    imported = club("import", DATA / "dirty.csv", "--json")
    assert imported.exit_code == 1
    report = output(imported)
    assert (report["imported"], report["unchanged"]) == (7, 5)
    assert refused(report) == [*range(2, 10), 11, 12, 20, 21, *range(23, 29), 30, 32]
    assert all(rejected["reason"] for rejected in report["refused"])


def test_a_second_import_changes_nothing(club: Club) -> None:
    club("import", DATA / "books.csv")
    club("import", DATA / "dirty.csv")
    before = club("events", "--json").stdout, club("books", "--json").stdout
    club("import", DATA / "books.csv")
    again = output(club("import", DATA / "dirty.csv", "--json"))
    assert (again["imported"], again["unchanged"], len(again["refused"])) == (0, 12, 20)
    assert (club("events", "--json").stdout, club("books", "--json").stdout) == before


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfISBN;Title ;AUTHOR\r\n0-321-12521-5;DDD;Evans\r\n",
        b"author,price,isbn,title\nEvans,12,0-321-12521-5,DDD\n",
        b"\n\ntitle, author, isbn\n\n  \nDDD, Evans, 0-321-12521-5\n\n",
        b'title,author,isbn\r"DDD",Evans,"0-321-12521-5"',
        b",,,,\ntitle,author,isbn\n , ,\xc2\xa0,,,\nDDD,Evans,0-321-12521-5\n,,,,,,,\n",
        b"title,author,isbn,\nDDD,Evans,0-321-12521-5,\n",
        b'isbn;title;author;"tags, notes, place, shelf"\n0-321-12521-5;DDD;Evans;\n',
        b'Title,Author,ISBN,My Review\r\nDDD,Evans,0-321-12521-5,"Good.\r\nAnd\rlong."\r\n',
        b"title\tauthor\tisbn\nDDD\tEvans\t0-321-12521-5\n",
        b"title|author|isbn\nDDD|Evans|0-321-12521-5\n",
        b"sep=;\r\ntitle;author;isbn\r\nDDD;Evans;0-321-12521-5\r\n",
        b'\xef\xbb\xbf"sep=,"\r\ntitle,author,isbn\r\nDDD,Evans,0-321-12521-5\r\n',
        b"sep=\t\ntitle\tauthor\tisbn\nDDD\tEvans\t0-321-12521-5\n",
        "title\tauthor\tisbn\r\nDDD\tEvans\t0-321-12521-5\r\n".encode("utf-16"),
        b"\xfe\xff" + "title,author,isbn\nDDD,Evans,0-321-12521-5\n".encode("utf-16-be"),
        b"Book-Title;Book-Author;ISBN-10;ISBN-13\nDDD;Evans;0-321-12521-5;\n",
        b"authors,Author,title,isbn\nEvans and others,Evans,DDD,0-321-12521-5\n",
        b"author l-f,original title,title,author,isbn\nE,D,DDD,Evans,[0-321-12521-5]\n",
        b"title,author,isbn,isbn13\nDDD,Evans,0-321-12521-5,9.78032E+12\n",
    ],
    ids=[
        "mark and semicolons",
        "another order",
        "blank lines and spaces",
        "old line ends",
        "rows of blank cells however wide",
        "a header as wide as its rows",
        "commas in a header of semicolons",
        "a review of several lines",
        "tabs",
        "upright bars",
        "a line for Excel",
        "a quoted line for Excel",
        "a line for Excel that names the tab",
        "UTF-16",
        "UTF-16 of the other byte order",
        "other names",
        "two columns for the author",
        "columns for sorting",
        "an ISBN before a spoilt one",
    ],
)
def test_a_file_may_come_in_many_forms(club: Club, books: Path, content: bytes) -> None:
    books.write_bytes(content)
    report = output(club("import", books, "--json"))
    assert report == {"imported": 1, "unchanged": 0, "refused": []}
    (book,) = output(club("books", "--json"))
    assert (book["title"], book["author"], book["isbn"]) == ("DDD", "Evans", "0-321-12521-5")


def test_rows_are_records_and_blank_lines_do_not_count(club: Club, books: Path) -> None:
    books.write_bytes(lines('"Domain\nDriven ""Design""",Evans,0321125215', "", "x,y,z", CLEAN))
    report = output(club("import", books, "--json"))
    assert (report["imported"], refused(report)) == (2, [2])
    assert output(club("books", "--json"))[0]["title"] == 'Domain Driven "Design"'


def test_two_spellings_of_a_title_are_one_book(club: Club, books: Path, folder: Path) -> None:
    nfc, nfd = (unicodedata.normalize(form, "Les Misérables") for form in ("NFC", "NFD"))
    books.write_bytes(lines(*(f"{title},Victor Hugo,014143984X" for title in (nfd, nfc))))
    report = output(club("import", books, "--json"))
    assert (report["imported"], report["unchanged"]) == (1, 1)
    assert output(club("books", "--json"))[0]["title"] == nfc
    with closing(sqlite3.connect(folder / "reading-club.db")) as connection, connection:
        connection.execute("UPDATE books SET title = ?", (nfd,))
    assert output(club("import", books, "--json"))["unchanged"] == 2


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("DDD,Evans,", "isbn is missing. This book has no ISBN"),
        ("DDD,Evans", "isbn is missing"),
        (",Evans,0321125215", "title is missing"),
        ("DDD, ,0321125215", "author is missing"),
        ("DDD,Evans,0321125216", "'0321125216' is no ISBN"),
        ("D\0D,Evans,0321125215", "NUL"),
        (f"{'D' * 131073},Evans,0321125215", "128 KiB"),
        (f"{'D,' * 262144}Evans,0321125215", "line is longer than 512 KiB"),
        ("D,D,Evans,0321125215", "more fields than the header"),
        ("DDD,Evans,0321125215,", "more fields than the header"),
        ("DDD,Evans,0321125215, ,,", "more fields than the header"),
        ('"DDD" Quickly,Evans,0321125215', "text follows a closing quote"),
        ('"3.5" disks",Evans,0321125215', "text follows a closing quote"),
        ('"The \\"DDD\\" book",Evans,0321125215', "text follows a closing quote"),
        ('DDD,Evans,"=""0321125216"""', "'0321125216' is no ISBN"),
        ('DDD,Evans,"0321125215, 9780321125217"', "is no ISBN"),
        ("DDD,Evans,0321125215 0321125216", "is no ISBN"),
        ("Clean Coder,Robert C. Martin,9780132350884", "'Clean Code' by Robert C. Martin"),
        ("Clean Code,Bob Martin,9780132350884", "'Clean Code' by Robert C. Martin"),
    ],
)
def test_a_refused_row_names_its_number_and_reason_and_the_rest_goes_in(
    club: Club, books: Path, row: str, reason: str
) -> None:
    books.write_bytes(lines(CLEAN, row, "Refactoring,Martin Fowler,9780134757599"))
    imported = club("import", books, "--json")
    report = output(imported)
    assert (imported.exit_code, report["imported"]) == (1, 2)
    assert refused(report) == [2]
    assert reason in report["refused"][0]["reason"]


def test_an_unquoted_comma_does_not_move_the_cells_behind_it(club: Club, books: Path) -> None:
    books.write_bytes(b"isbn,title,author,notes\n0321125215,DDD, or not,Evans,\n")
    imported = club("import", books, "--json")
    assert (imported.exit_code, refused(output(imported))) == (1, [1])


def test_a_field_of_128_kib_is_not_too_long(club: Club, books: Path) -> None:
    books.write_bytes(lines(f"D{' ' * 131070}D,Evans,0321125215"))
    assert output(club("import", books, "--json"))["imported"] == 1


def test_the_same_book_twice_in_one_file_is_one_book(club: Club, books: Path) -> None:
    books.write_bytes(lines(DDD, DDD.replace("0-321-12521-5", "9780321125217")))
    assert output(club("import", books, "--json")) == {
        "imported": 1,
        "unchanged": 1,
        "refused": [],
    }


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\n\n", "is empty"),
        (b"title,author\nDDD,Evans\n", "has no column isbn"),
        (b"isbn;title;writer\n", "has no column author"),
        (b'"Titel","Verfasser"\n"DDD","Evans"\n', "has no column title, author, isbn"),
        (b"title:author:isbn\nDDD:Evans:0321125215\n", "by commas, semicolons, tabs or |"),
        (b"title,author l-f,isbn\nDDD,Evans,0321125215\n", "has no column author"),
        (b"original title,author,isbn\nDDD,Evans,0321125215\n", "has no column title"),
        (b"title,author,isbn_13,ISBN-13\n", "names the column isbn13 twice"),
        (b"title,author,isbn, Title\nDDD,Evans,0321125215,\n", "names the column title twice"),
        (b"isbn;title;notes;author;Notes\n", "names the column notes twice"),
        (lines(DDD) + b"\nCaf\xe9,A,0321125215", "is not UTF-8 (byte 0xe9 in line 3)"),
        (lines(DDD).decode().encode("utf-16") + b"\n", "is not UTF-16"),
        (lines(DDD).decode().encode("utf-16") + b"\x00\xd8\n\x00", "is not UTF-16"),
        (b"sep=;\n" + lines(CLEAN, 'DDD,Evans,0321125215,"lent'), "it opens in row 2 (line 4)"),
        (lines(*[DDD] * 5000) + b"\xff", "is not UTF-8 (byte 0xff in line 5001)"),
        (lines('"DDD,Evans,0321125215', CLEAN), "it opens in row 1 (line 2)"),
        (lines(CLEAN, 'DDD,Evans,0321125215,"lent'), "it opens in row 2 (line 3)"),
        (lines(CLEAN, "", ",,", '"D\nD",E,1', '"DDD,E,1', CLEAN), "it opens in row 3 (line 7)"),
        (lines('"DDD,Evans,0321125215', '"Clean Code",A,1'), "it opens in row 1 (line 2)"),
        (lines(CLEAN, '"DDD').replace(b"\n", b"\r"), "it opens in row 2 (line 3)"),
        (b'title,author,"isbn\nDDD,Evans,0321125215\n', "it opens in the header (line 1)"),
        (b'title;"author;isbn\nDDD;Evans;0321125215\n', "it opens in the header (line 1)"),
        (lines('"', *["D"] * 65537, '",Evans,0321125215'), "not within 128 KiB"),
        (lines('"' + "D" * 131073, '",Evans,0321125215', CLEAN), "not within 128 KiB"),
        (lines("D," * 262144 + '"', '",Evans,0321125215', CLEAN), "it opens in row 1 (line 2)"),
        (b'"title"s,author,isbn\n', "has a header that cannot be read"),
    ],
    ids=[
        "empty",
        "blank",
        "no isbn",
        "no author",
        "names in quotes that are not known",
        "colons",
        "no author but the one for sorting",
        "no title but the original one",
        "two names of one column",
        "a column twice",
        "a column that is not read twice",
        "Latin-1",
        "half a UTF-16 character",
        "half a UTF-16 pair",
        "below a line that names the delimiter",
        "late",
        "a quote never closed",
        "in the last line",
        "behind rows of several lines",
        "closed by the quote of another row",
        "with old line ends",
        "in the header",
        "in a header of semicolons",
        "closed too late",
        "closed too late, in a line too long for a field",
        "closed too late, in a line too long",
        "text behind a closing quote of the header",
    ],
)
def test_a_refused_file_leaves_no_trace(
    club: Club, folder: Path, books: Path, content: bytes, reason: str
) -> None:
    books.write_bytes(content)
    imported = club("import", books, "--json", "--database", "club.db")
    assert (imported.exit_code, imported.stdout) == (1, "")
    assert reason in imported.stderr
    assert os.listdir(folder) == ["books.csv"]


@pytest.mark.parametrize("name", ["missing.csv", "."])
def test_a_file_that_cannot_be_read_is_refused(club: Club, name: str) -> None:
    imported = club("import", name, "--json")
    assert (imported.exit_code, imported.stdout) == (1, "")
    assert f"{name} cannot be read" in imported.stderr


def test_the_rows_are_those_that_were_checked_whatever_becomes_of_the_file(books: Path) -> None:
    books.write_bytes(lines(DDD, CLEAN))
    with BookFile(str(books)) as file:
        books.write_bytes(lines())
        assert [row.row for row in file] == [1, 2]


def test_a_line_without_end_takes_no_memory(folder: Path, books: Path) -> None:
    books.write_bytes(lines(DDD))
    usual = peak_of_import(folder, books)
    with books.open("ab") as file:
        file.writelines([b"\n", *[b'ab,"c",' * 10_000] * 400])
    assert peak_of_import(folder, books) < 1.5 * usual


def peak_of_import(folder: Path, file: Path) -> int:
    command = [sys.executable, "-m", "reading_club", "--database", str(folder / "shelf.db")]
    with subprocess.Popen(
        [*command, "import", str(file)], cwd=DATA.parents[1], stdout=subprocess.DEVNULL
    ) as process:
        *_, usage = os.wait4(process.pid, 0)
    return usage.ru_maxrss


def test_a_pipe_is_read_like_a_file(club: Club, folder: Path) -> None:
    reader, writer = os.pipe()
    with os.fdopen(writer, "wb") as pipe:
        pipe.write(lines(DDD, "x,y,z"))
    imported = club("import", f"/dev/fd/{reader}", "--json")
    os.close(reader)
    report = output(imported)
    assert (report["imported"], refused(report)) == (1, [2])


def test_a_header_alone_is_nothing_to_do(club: Club, books: Path) -> None:
    books.write_bytes(lines())
    imported = club("import", books)
    assert (imported.exit_code, imported.stdout) == (0, "Imported 0, unchanged 0, refused 0.\n")
