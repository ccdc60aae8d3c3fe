"""As many different books as a measurement asks for."""

from collections.abc import Iterator
from pathlib import Path


def isbns(count: int) -> Iterator[str]:
    """ISBN-13s with right checksums, each another one; none is an ISMN, which begins with 979-0."""
    for number in range(count):
        digits = f"9791{number:08d}"
        weighed = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
        yield f"{digits}{-weighed % 10}"


def write_csv(file: Path, count: int) -> None:
    """Write a CSV file of that many books."""
    with file.open("w", encoding="utf-8", newline="") as out:
        out.write("title,author,isbn\r\n")
        for number, isbn in enumerate(isbns(count)):
            out.write(f'"Collected Letters, volume {number}",Author {number % 997},{isbn}\r\n')
