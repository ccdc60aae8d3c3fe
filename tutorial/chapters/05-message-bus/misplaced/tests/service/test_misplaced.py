import pytest

from messagebus import AsyncMessageBus, ConfigurationError


def test_a_scan_names_the_module_and_the_function_that_break_the_rule() -> None:
    with pytest.raises(ConfigurationError, match=r"tests\.service\.misplaced\.praise_book"):
        AsyncMessageBus().scan("tests.service.misplaced")
