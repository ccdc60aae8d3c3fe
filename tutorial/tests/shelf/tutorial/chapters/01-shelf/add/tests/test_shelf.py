from reading_club.shelf import Shelf


def test_a_book_stands_on_the_shelf() -> None:
    shelf = Shelf()
    shelf.add("Refactoring")
    assert shelf.titles == ["Refactoring"]
