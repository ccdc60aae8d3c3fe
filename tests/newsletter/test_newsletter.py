"""What the club publishes becomes letters and a ranking, once."""

from newsletter.adapters.queries import best_books, written_letters
from newsletter.bootstrap import Newsletter
from reading_club.bootstrap import ReadingClub
from reading_club.domain.messages import ReviseReview, WithdrawReview
from tests.newsletter.club import ledger, publish, register, review, reviewer, shown


async def test_each_new_book_has_one_letter(club: ReadingClub, newsletter: Newsletter) -> None:
    for title in ("Emma", "Persuasion"):
        await register(club, title)
    await publish(club)
    await newsletter.consumer().run_once()
    assert [each.title for each in await written_letters(newsletter.database)] == [
        "Emma",
        "Persuasion",
    ]


async def test_a_replayed_stream_writes_no_letter_and_counts_no_review_twice(
    club: ReadingClub, newsletter: Newsletter
) -> None:
    await review(club, await register(club, "Emma"), await reviewer(club, "Ada"), 9)
    await publish(club)
    await newsletter.consumer().run_once()
    await newsletter.stream.begin_anew("newsletter")
    consumer = newsletter.consumer()
    await consumer.run_once()
    assert consumer.counts.applied == 0
    assert consumer.counts.repeated == 3
    assert len(await written_letters(newsletter.database)) == 1
    assert await shown(newsletter) == await ledger(club)


async def test_revised_and_withdrawn_reviews_count_in_the_ranking(
    club: ReadingClub, newsletter: Newsletter
) -> None:
    emma, persuasion = await register(club, "Emma"), await register(club, "Persuasion")
    ada, bob = await reviewer(club, "Ada"), await reviewer(club, "Bob")
    revised = await review(club, emma, ada, 3)
    withdrawn = await review(club, persuasion, ada, 10)
    await review(club, persuasion, bob, 5)
    await _change(club, ReviseReview(id=revised, reviewer=ada, rating=8, comment="!"))
    await _change(club, WithdrawReview(id=withdrawn, reviewer=ada))
    await publish(club)
    await newsletter.consumer().run_once()
    ranking = [(each.title, each.mean) for each in await best_books(newsletter.database)]
    assert ranking == [("Emma", 8.0), ("Persuasion", 5.0)]
    assert await shown(newsletter) == await ledger(club)


async def _change(club: ReadingClub, command: ReviseReview | WithdrawReview) -> None:
    (await club.handle(command)).unwrap()
