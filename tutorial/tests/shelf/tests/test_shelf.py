from reading_club.shelf import Shelf


def test_a_book_stands_on_the_shelf() -> None:
    shelf = Shelf()
    shelf.add("Refactoring")
    assert shelf.titles == ["Refactoring"]


def test_a_shelf_counts_its_books() -> None:
    shelf = Shelf()
    shelf.add("Refactoring")
    assert len(shelf) == 1
    assert list(shelf) == ["Refactoring"]
