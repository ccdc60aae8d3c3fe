"""Where the club keeps its books."""

from collections.abc import Iterator


class Shelf:
    """Books in the order in which they came."""

    def __init__(self) -> None:
        self.titles: list[str] = []

    def add(self, title: str) -> None:
        self.titles.append(title)

    def __len__(self) -> int:
        return len(self.titles)

    def __iter__(self) -> Iterator[str]:
        return iter(self.titles)
