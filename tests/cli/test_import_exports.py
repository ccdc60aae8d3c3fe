"""Importing what members' libraries export: the headers are those of real exports."""

from pathlib import Path

import pytest

from tests.cli.conftest import Club, output

BOOKWYRM = "github.com/bookwyrm-social/bookwyrm, bookwyrm/tests/data/"
EXPORTS = {
    "Goodreads": (
        BOOKWYRM + "goodreads.csv",
        "Book Id,Title,Author,Author l-f,Additional Authors,ISBN,ISBN13,My Rating,Average Rating,"
        "Publisher,Binding,Number of Pages,Year Published,Original Publication Year,Date Read,"
        "Date Added,Bookshelves,Bookshelves with positions,Exclusive Shelf,My Review,Spoiler,"
        "Private Notes,Read Count,Recommended For,Recommended By,Owned Copies,"
        "Original Purchase Date,Original Purchase Location,Condition,Condition Description,BCID",
        ['7,Dracula,Bram Stoker,"Stoker, Bram",,"=""014143984X""","=""9780141439846""",5,4.01'],
        ['8,Emma,Jane Austen,"Austen, Jane",,"=""""","=""9780141439587""",4,4.05'],
        ['9,A Pamphlet,Anonymous,Anonymous,,"=""""","=""""",0,3.9'],
    ),
    "StoryGraph": (
        BOOKWYRM + "storygraph.csv",
        "Title,Authors,Contributors,ISBN/UID,Format,Read Status,Date Added,Last Date Read,"
        "Dates Read,Read Count,Moods,Pace,Character- or Plot-Driven?,"
        "Strong Character Development?,Loveable Characters?,Diverse Characters?,"
        "Flawed Characters?,Star Rating,Review,Content Warnings,Content Warning Description,"
        "Tags,Owned?",
        ["Dracula,Bram Stoker,,014143984X,paperback,read"],
        ["Emma,Jane Austen,,9780141439587,digital,read"],
        ["A Pamphlet,Anonymous,,B0DF4Z7QXN,digital,to-read"],
    ),
    "StoryGraph until 2021": (
        BOOKWYRM + "storygraph.csv, its first version",
        "Title,Authors,Contributors,ISBN,Format,Read Status,Date Added,Last Date Read,"
        "Dates Read,Read Count,Moods,Pace,Character- or Plot-Driven?,"
        "Strong Character Development?,Loveable Characters?,Diverse Characters?,"
        "Flawed Characters?,Star Rating,Review,Content Warnings,Content Warning Description,"
        "Tags,Owned?",
        ["Dracula,Bram Stoker,,014143984X,paperback,read"],
        ["Emma,Jane Austen,,9780141439587,digital,read"],
        ["A Pamphlet,Anonymous,,,digital,to-read"],
    ),
    "LibraryThing": (
        BOOKWYRM + "librarything.tsv",
        "Book Id\tTitle\tSort Character\tPrimary Author\tPrimary Author Role\tSecondary Author\t"
        "Secondary Author Roles\tPublication\tDate\tReview\tRating\tComment\tPrivate Comment\t"
        "Summary\tMedia\tPhysical Description\tWeight\tHeight\tThickness\tLength\tDimensions\t"
        "Page Count\tLCCN\tAcquired\tDate Started\tDate Read\tBarcode\tBCID\tTags\tCollections\t"
        "Languages\tOriginal Languages\tLC Classification\tISBN\tISBNs\tSubjects\tDewey Decimal\t"
        "Dewey Wording\tOther Call Number\tCopies\tSource\tEntry Date\tFrom Where\tOCLC\tWork id\t"
        "Lending Patron\tLending Status\tLending Start\tLending End",
        ["7\tDracula\t1\tBram Stoker", "\t" * 29, "\t[014143984X]\t014143984X, 9780141439846\t"],
        ["8\tEmma\t1\tJane Austen", "\t" * 29, "\t[]\t9780141439587, 0141439580\t"],
        ["9\tA Pamphlet\t1\tAnonymous", "\t" * 29, "\t[]\t\t"],
    ),
    "Calibre": (
        BOOKWYRM + "calibre.csv",
        "authors,author_sort,rating,library_name,timestamp,formats,size,isbn,identifiers,comments,"
        "tags,series,series_index,languages,title,cover,title_sort,publisher,pubdate,id,uuid",
        ['Bram Stoker,"Stoker, Bram",5,Shelf,,epub,1,014143984X,,,,,,eng,Dracula,,"Dracula"'],
        ['Jane Austen,"Austen, Jane",,Shelf,,epub,1,9780141439587,,,,,,eng,Emma,,"Emma"'],
        ["Anonymous,Anonymous,,Shelf,,epub,1,,goodreads:1,,,,,eng,A Pamphlet,,A Pamphlet"],
    ),
    "Libib": (
        "github.com/Jinniyah/libib-tools, tests/fixtures/libib_export_sample.csv",
        "item_type,title,creators,first_name,last_name,collection,ean_isbn13,upc_isbn10,"
        "description,publisher,publish_date,group,tags,notes,price,length,number_of_discs,"
        "number_of_players,age_group,ensemble,aspect_ratio,esrb,rating,review,review_date,status,"
        "began,completed,added,copies",
        ["book,Dracula,Bram Stoker,Bram,Stoker,Books,,014143984X,"],
        ["book,Emma,Jane Austen,Jane,Austen,Books,9780141439587,0141439580,"],
        ["game,A Pamphlet,Anonymous,,,Games,4006381333931,,"],
    ),
    "BookWyrm": (
        BOOKWYRM + "bookwyrm.csv",
        "title,author_text,remote_id,openlibrary_key,inventaire_id,librarything_key,goodreads_key,"
        "bnf_id,viaf,wikidata,asin,aasin,isfdb,isbn_10,isbn_13,oclc_number,start_date,finish_date,"
        "stopped_date,rating,review_name,review_cw,review_content,review_published,shelf,"
        "shelf_name,shelf_date",
        ["Dracula,Bram Stoker,https://books.example/1,,,,,,,,,,,014143984X,,"],
        ["Emma,Jane Austen,https://books.example/2,,,,,,,,,,,0141439580,9780141439587,"],
        ["A Pamphlet,Anonymous,https://books.example/3,,,,,,,,,,,,,"],
    ),
    "Zotero": (
        "github.com/diegodlh/openglam-oach, zotero.csv",
        '"Key","Item Type","Publication Year","Author","Title","Publication Title","ISBN","ISSN",'
        '"DOI","Url","Abstract Note","Date","Date Added","Date Modified","Access Date","Pages",'
        '"Num Pages","Issue","Volume","Number Of Volumes","Journal Abbreviation","Short Title",'
        '"Series","Series Number","Series Text","Series Title","Publisher","Place","Language",'
        '"Rights","Type","Archive","Archive Location","Library Catalog","Call Number","Extra",'
        '"Notes","File Attachments","Link Attachments","Manual Tags","Automatic Tags","Editor",'
        '"Series Editor","Translator","Contributor","Attorney Agent","Book Author","Cast Member",'
        '"Commenter","Composer","Cosponsor","Counsel","Interviewer","Producer","Recipient",'
        '"Reviewed Author","Scriptwriter","Words By","Guest","Number","Edition","Running Time",'
        '"Scale","Medium","Artwork Size","Filing Date","Application Number","Assignee",'
        '"Issuing Authority","Country","Meeting Name","Conference Name","Court","References",'
        '"Reporter","Legal Status","Priority Numbers","Programming Language","Version","System",'
        '"Code","Code Number","Section","Session","Committee","History","Legislative Body"',
        ['"AAAA2222","book","2003","Bram Stoker","Dracula","","014143984X",""'],
        ['"AAAA3333","book","2003","Jane Austen","Emma","","9780141439587 0141439580",""'],
        ['"AAAA4444","webpage","","Anonymous","A Pamphlet","A Site","","1234-5679"'],
    ),
    "Goodreads' books at Kaggle": (
        "github.com/ztcnrh/ETL-Mini-Project, goodreads_books.csv",
        "bookID,title,authors,average_rating,isbn,isbn13,language_code,  num_pages,ratings_count,"
        "text_reviews_count,publication_date,publisher,",
        ["7,Dracula,Bram Stoker,4.01,014143984X,9780141439846,eng,488,10,1,5/1/03,Penguin,"],
        ["8,Emma,Jane Austen,4.05,,9780141439587,eng,512,10,1,5/1/03,Penguin,"],
        ["9,A Pamphlet,Anonymous,3.9,,,eng,5,1,1,1/1/99,,"],
    ),
}


@pytest.mark.parametrize("source", EXPORTS)
def test_an_export_is_imported_once_and_a_book_without_isbn_is_refused(
    club: Club, folder: Path, source: str
) -> None:
    _, header, *rows = EXPORTS[source]
    file = folder / "export.csv"
    file.write_text("\n".join([header, *("".join(row) for row in rows)]), encoding="utf-8")
    imported = club("import", file, "--json")
    (missing,) = output(imported)["refused"]
    assert (imported.exit_code, output(imported)["imported"], missing["row"]) == (1, 2, 3)
    assert missing["reason"].startswith("isbn is missing. This book has no ISBN")
    shelf = output(club("books", "--json"))
    assert [(book["title"], book["author"], book["isbn"]) for book in shelf] == [
        ("Dracula", "Bram Stoker", "014143984X"),
        ("Emma", "Jane Austen", "9780141439587"),
    ]
    before = club("events", "--json").stdout, club("books", "--json").stdout
    again = club("import", file, "--json")
    assert (again.exit_code, output(again)["imported"], output(again)["unchanged"]) == (1, 0, 2)
    assert (club("events", "--json").stdout, club("books", "--json").stdout) == before


@pytest.mark.parametrize("source", EXPORTS)
def test_an_export_whose_books_have_isbns_is_a_success_twice(
    club: Club, folder: Path, source: str
) -> None:
    _, header, dracula, emma, _ = EXPORTS[source]
    file = folder / "export.csv"
    file.write_text("\n".join([header, "".join(dracula), "".join(emma)]), encoding="utf-16")
    first, second = (club("import", file, "--json") for _ in range(2))
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert output(first) == {"imported": 2, "unchanged": 0, "refused": []}
    assert output(second) == {"imported": 0, "unchanged": 2, "refused": []}
