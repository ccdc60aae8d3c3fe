"""Nothing committed is lost and no rating is wrong, whatever is killed; see `nox -s chaos`."""

from tests.chaos.roles import Place
from tests.chaos.run import chaos


def test_random_kills_lose_nothing(place: Place) -> None:
    outcome = chaos(place, seconds=2.5, seed=7)
    assert outcome.committed > 0
    assert outcome.verdict._replace(doubled=0) == (0, 0, 0, 0)
    assert outcome.waiting == 0
    assert outcome.miscounted == 0
    assert outcome.kills["writer"] > 0
    assert outcome.kills["relay"] > 0
