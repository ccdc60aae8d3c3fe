"""The promises of each repository, over each storage."""

from lastuuid.dummies import uuidgen
from result import Err, Ok

from messagebus.testing import check_async_repository
from reading_club.domain.messages import BookRegistered
from reading_club.domain.model import Book, Rating, Review, Reviewer
from reading_club.service.catalogue import ShelvedBook
from reading_club.service.repositories import (
    BookRepositoryError,
    RatingRepositoryError,
    ReviewChangeError,
    ReviewerRepositoryError,
    ReviewError,
)
from reading_club.service.uow import AbstractUnitOfWork

DDD = Book(id=uuidgen(1), isbn="0-321-12521-5", title="Domain Driven Design", author="Eric Evans")
CLEAN = Book(id=uuidgen(2), isbn="9780132350884", title="Clean Code", author="R. C. Martin")
ANN = Reviewer(id=uuidgen(3), name="Ann")
PRAISE = Review(
    id=uuidgen(4),
    book_id=DDD.id,
    reviewer_id=ANN.id,
    rating=9,
    comment="A classic — “naïve” no more",
)


async def keep(uow: AbstractUnitOfWork) -> None:
    async with uow as transaction:
        for book in (CLEAN, DDD):
            assert await transaction.books.add(book.model_copy()) == Ok(...)
        assert await transaction.reviewers.add(ANN.model_copy()) == Ok(...)
        assert await transaction.reviews.add(PRAISE.model_copy()) == Ok(...)
        await transaction.ratings.save(Rating(book_id=DDD.id, reviews=1, total=9))
        await transaction.commit()


async def test_an_added_model_is_found_again(each_uow: AbstractUnitOfWork) -> None:
    await keep(each_uow)
    async with each_uow as transaction:
        assert await transaction.books.by_id(DDD.id) == Ok(DDD)
        assert await transaction.reviewers.by_name("Ann") == Ok(ANN)
        assert await transaction.catalogue.by_isbn("978-0-321-12521-7") == Ok(DDD)
        assert await transaction.ratings.by_book(DDD.id) == Rating(
            book_id=DDD.id, reviews=1, total=9, version=1
        )
        await transaction.rollback()


async def test_a_model_that_was_never_added_is_not_found(each_uow: AbstractUnitOfWork) -> None:
    async with each_uow as transaction:
        book = await transaction.books.by_id(DDD.id)
        by_isbn = await transaction.catalogue.by_isbn(DDD.isbn)
        reviewer = await transaction.reviewers.by_name("Ann")
        rating = await transaction.ratings.by_book(DDD.id)
        await transaction.rollback()
    assert book.unwrap_err() is BookRepositoryError.not_found
    assert by_isbn.unwrap_err() is BookRepositoryError.not_found
    assert reviewer.unwrap_err() is ReviewerRepositoryError.not_found
    assert rating == Rating(book_id=DDD.id)


async def test_a_name_and_a_review_are_added_once(each_uow: AbstractUnitOfWork) -> None:
    await keep(each_uow)
    async with each_uow as transaction:
        namesake = await transaction.reviewers.add(Reviewer(id=uuidgen(9), name="Ann"))
        again = await transaction.reviews.add(PRAISE.model_copy(update={"id": uuidgen(9)}))
        await transaction.rollback()
    assert namesake.unwrap_err() is ReviewerRepositoryError.integrity_error
    assert again.unwrap_err() is ReviewError.already_reviewed


async def test_books_keep_what_every_repository_keeps(each_uow: AbstractUnitOfWork) -> None:
    await check_async_repository(
        each_uow,
        lambda uow: uow.books,
        DDD,
        add=lambda uow: uow.books.add(DDD),
        load={"by_id": lambda uow: uow.books.by_id(DDD.id)},
    )
    await check_async_repository(
        each_uow,
        lambda uow: uow.catalogue,
        CLEAN,
        add=lambda uow: add_and_find(uow, CLEAN),
        load={"by_isbn": lambda uow: uow.catalogue.by_isbn(CLEAN.isbn)},
    )


async def add_and_find(uow: AbstractUnitOfWork, book: Book) -> None:
    await uow.books.add(book)
    await uow.catalogue.by_isbn(book.isbn)


async def test_reviewers_and_ratings_keep_what_every_repository_keeps(
    each_uow: AbstractUnitOfWork,
) -> None:
    await check_async_repository(
        each_uow,
        lambda uow: uow.reviewers,
        ANN,
        add=lambda uow: uow.reviewers.add(ANN),
        load={"by_name": lambda uow: uow.reviewers.by_name("Ann")},
    )
    async with each_uow as transaction:
        await transaction.books.add(DDD)
        await transaction.commit()
    rating = Rating(book_id=DDD.id, reviews=1, total=9)
    await check_async_repository(
        each_uow,
        lambda uow: uow.ratings,
        rating,
        add=lambda uow: uow.ratings.save(rating),
        load={"by_book": lambda uow: uow.ratings.by_book(DDD.id)},
        save=lambda uow, loaded: uow.ratings.save(loaded.with_review(6)),
    )


async def test_reviews_keep_what_every_repository_keeps(each_uow: AbstractUnitOfWork) -> None:
    async with each_uow as transaction:
        await transaction.books.add(DDD.model_copy())
        await transaction.reviewers.add(ANN.model_copy())
        await transaction.commit()
    await check_async_repository(
        each_uow,
        lambda uow: uow.reviews,
        PRAISE,
        add=lambda uow: uow.reviews.add(PRAISE),
        load={"by_id": lambda uow: uow.reviews.by_id(PRAISE.id)},
        save=lambda uow, loaded: uow.reviews.save(loaded.revised(6, "Less so.")),
    )


async def test_a_review_is_saved_and_removed_in_its_kept_version_alone(
    each_uow: AbstractUnitOfWork,
) -> None:
    await keep(each_uow)
    async with each_uow as transaction:
        assert await transaction.reviews.save(PRAISE.revised(6, "Less so.")) == Ok(...)
        saved = (await transaction.reviews.by_id(PRAISE.id)).unwrap()
        assert saved == PRAISE.model_copy(update={"rating": 6, "comment": "Less so.", "version": 2})
        for stale in (
            await transaction.reviews.save(PRAISE.revised(1, "No.")),
            await transaction.reviews.remove(PRAISE.model_copy()),
        ):
            assert stale.unwrap_err() is ReviewChangeError.stale_version
        await transaction.commit()
    async with each_uow as transaction:
        loaded = (await transaction.reviews.by_id(PRAISE.id)).unwrap()
        assert loaded == saved
        assert await transaction.reviews.remove(loaded) == Ok(...)
        gone = await transaction.reviews.by_id(PRAISE.id)
        assert gone.unwrap_err() is ReviewChangeError.not_found
        assert await transaction.reviews.remove(loaded) == Err(ReviewChangeError.stale_version)
        assert await transaction.reviews.add(PRAISE.model_copy()) == Ok(...)
        await transaction.commit()


async def test_a_change_is_lost_unless_it_is_saved(each_uow: AbstractUnitOfWork) -> None:
    async with each_uow as transaction:
        added = DDD.model_copy()
        await transaction.books.add(added)
        added.title = "Changed after it was added"
        await transaction.commit()
    async with each_uow as transaction:
        loaded = (await transaction.books.by_id(DDD.id)).unwrap()
        assert (loaded, loaded is added) == (DDD, False)
        loaded.title = "Changed after it was loaded"
        await transaction.commit()
    async with each_uow as transaction:
        assert await transaction.books.by_id(DDD.id) == Ok(DDD)
        assert [book.title for book in await transaction.catalogue.shelf()] == [DDD.title]
        await transaction.rollback()


async def test_a_change_that_is_not_saved_frees_no_isbn(each_uow: AbstractUnitOfWork) -> None:
    async with each_uow as transaction:
        added = DDD.model_copy()
        await transaction.books.add(added)
        added.isbn = CLEAN.isbn
        again = await transaction.books.add(DDD.model_copy(update={"id": uuidgen(9)}))
        other = await transaction.books.add(CLEAN)
        await transaction.rollback()
    assert (again.is_err(), other) == (True, Ok(...))


async def test_a_rollback_undoes_a_saved_change(each_uow: AbstractUnitOfWork) -> None:
    await keep(each_uow)
    async with each_uow as transaction:
        rating = await transaction.ratings.by_book(DDD.id)
        await transaction.ratings.save(rating.with_review(1))
        await transaction.rollback()
    async with each_uow as transaction:
        assert (await transaction.ratings.by_book(DDD.id)).reviews == 1
        await transaction.rollback()


async def test_a_model_is_one_in_its_transaction_however_it_is_looked_up(
    each_uow: AbstractUnitOfWork,
) -> None:
    added, ann = DDD.model_copy(), ANN.model_copy()
    async with each_uow as transaction:
        await transaction.books.add(added)
        await transaction.reviewers.add(ann)
        assert (await transaction.books.by_id(DDD.id)).unwrap() is added
        assert (await transaction.catalogue.by_isbn("9780321125217")).unwrap() is added
        assert (await transaction.reviewers.by_name("Ann")).unwrap() is ann
        empty = await transaction.ratings.by_book(DDD.id)
        assert await transaction.ratings.by_book(DDD.id) is empty
        await transaction.commit()
    async with each_uow as transaction:
        found = (await transaction.catalogue.by_isbn(DDD.isbn)).unwrap()
        assert found is not added
        assert (await transaction.books.by_id(DDD.id)).unwrap() is found
        (by_digits,) = (await transaction.catalogue.by_isbns([DDD.isbn])).values()
        assert by_digits is found
        saved = (await transaction.ratings.by_book(DDD.id)).with_review(9)
        await transaction.ratings.save(saved)
        assert await transaction.ratings.by_book(DDD.id) is saved
        await transaction.rollback()


async def test_a_model_does_not_have_messages_of_an_earlier_transaction(
    each_uow: AbstractUnitOfWork,
) -> None:
    await keep(each_uow)
    async with each_uow as transaction:
        earlier = (await transaction.books.by_id(DDD.id)).unwrap()
        await transaction.rollback()
    earlier.messages.append(BookRegistered(**DDD.model_dump()))
    async with each_uow as transaction:
        assert (await transaction.books.by_id(DDD.id)).unwrap().messages == []
        await transaction.rollback()


async def test_a_rating_that_is_stale_is_not_saved(each_uow: AbstractUnitOfWork) -> None:
    await keep(each_uow)
    async with each_uow as transaction:
        stale = await transaction.ratings.by_book(DDD.id)
        await transaction.rollback()
    async with each_uow as transaction:
        rating = await transaction.ratings.by_book(DDD.id)
        await transaction.ratings.save(rating.with_review(6))
        await transaction.commit()
    async with each_uow as transaction:
        refused = await transaction.ratings.save(stale.with_review(1))
        counted = await transaction.ratings.by_book(DDD.id)
        await transaction.commit()
    assert refused.unwrap_err() is RatingRepositoryError.concurrency_error
    assert (counted.reviews, counted.total) == (2, 15)


async def test_a_refused_model_is_not_seen(each_uow: AbstractUnitOfWork) -> None:
    await keep(each_uow)
    async with each_uow as transaction:
        await transaction.books.add(DDD.model_copy(update={"id": uuidgen(9)}))
        await transaction.reviewers.add(Reviewer(id=uuidgen(9), name="Ann"))
        await transaction.reviews.add(PRAISE.model_copy(update={"id": uuidgen(9)}))
        seen = transaction.books.seen, transaction.reviewers.seen, transaction.reviews.seen
        await transaction.rollback()
    assert seen == ([], [], [])


async def test_the_shelf_is_in_order_of_registration_and_shows_ratings(
    each_uow: AbstractUnitOfWork,
) -> None:
    await keep(each_uow)
    async with each_uow as transaction:
        shelf = await transaction.catalogue.shelf()
        await transaction.rollback()
    assert shelf == [
        ShelvedBook(**DDD.model_dump(), reviews=1, rating=9.0),
        ShelvedBook(**CLEAN.model_dump(), reviews=0, rating=None),
    ]
