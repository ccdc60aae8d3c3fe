"""ISBNs, compared by their digits."""


def isbn_13(isbn: str) -> str:
    """The digits that tell books apart."""
    return isbn.replace("-", "").replace(" ", "")
