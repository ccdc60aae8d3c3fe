"""Reviews: made, and changed where the book and the reviewer say which one."""

from collections.abc import Callable

from lastuuid import uuid7
from result import Err, Result

from messagebus import Command
from messagebus.adapters.typer import exit_with, os_user, print_line
from reading_club.bootstrap import ReadingClub
from reading_club.domain.isbn import isbn_13
from reading_club.domain.messages import ReviewBook, ReviseReview, WithdrawReview
from reading_club.entrypoints.cli.runner import exit_on_errors, handle, run, settings_for
from reading_club.queries import ShownReview
from reading_club.service.repositories import ReviewChangeError, ReviewError


def review(database: str | None, isbn: str, *, reviewer: str, rating: int, comment: str) -> None:
    """Review a book."""
    with exit_on_errors():
        command = ReviewBook(
            id=uuid7(), isbn=isbn, reviewer=reviewer, rating=rating, comment=comment
        )
    result = handle(database, command)
    if isinstance(result, Err):
        match result.err_value:
            case ReviewError.unknown_book:
                raise exit_with(f"no book has the ISBN {isbn}: register it first")
            case ReviewError.unknown_reviewer:
                raise exit_with(f"no reviewer is called {command.reviewer}: register them first")
            case ReviewError.already_reviewed:
                raise exit_with(f"{command.reviewer} has reviewed {isbn} already")
    print_line(f"{command.reviewer} gave {isbn} {rating} of 10.")


def revise(
    database: str | None, isbn: str, *, reviewer: str, rating: int, comment: str | None
) -> None:
    """Change a review; without a comment, the one that it has stays."""

    def revision_of(review: ShownReview) -> ReviseReview:
        return ReviseReview(
            id=review.id,
            reviewer=reviewer,
            rating=rating,
            comment=review.comment if comment is None else comment,
            expected_version=review.version,
        )

    _change(database, isbn, reviewer, revision_of)
    print_line(f"{reviewer} gives {isbn} {rating} of 10 now.")


def withdraw(database: str | None, isbn: str, *, reviewer: str) -> None:
    """Withdraw a review."""

    def withdrawal_of(review: ShownReview) -> WithdrawReview:
        return WithdrawReview(id=review.id, reviewer=reviewer, expected_version=review.version)

    _change(database, isbn, reviewer, withdrawal_of)
    print_line(f"{reviewer} has withdrawn the review of {isbn}.")


def _change(
    database: str | None,
    isbn: str,
    reviewer: str,
    command_for: Callable[[ShownReview], Command[Result[object, ReviewChangeError]]],
) -> None:
    """Look the review up and handle the command for it, or say why it cannot be changed."""

    async def change(club: ReadingClub) -> ReviewChangeError | None:
        review = await club.queries.review_of_book(isbn, reviewer)
        if review is None:
            return ReviewChangeError.not_found
        return (await club.handle(command_for(review), actor=os_user())).err()

    try:
        isbn_13(isbn)
    except ValueError as error:
        raise exit_with(str(error)) from None
    match run(settings_for(database), change):
        case None:
            return
        case ReviewChangeError.stale_version:
            raise exit_with(f"{reviewer}'s review of {isbn} was changed meanwhile: run this again")
        case ReviewChangeError.not_found | ReviewChangeError.not_the_reviewer:
            raise exit_with(f"{reviewer} has no review of {isbn}")
