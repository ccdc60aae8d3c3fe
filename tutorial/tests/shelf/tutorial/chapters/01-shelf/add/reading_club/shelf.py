"""Where the club keeps its books."""


class Shelf:
    """Books in the order in which they came."""

    def __init__(self) -> None:
        self.titles: list[str] = []

    def add(self, title: str) -> None:
        self.titles.append(title)
