"""One error for everything that a chapter's author can get wrong."""


class TutorialError(Exception):
    """Says where it is wrong, which rule that breaks and what to do about it."""

    def __init__(self, where: str, rule: str, remedy: str) -> None:
        super().__init__(f"{where}: {rule}. {remedy}.")
        self.where = where
        self.rule = rule
        self.remedy = remedy
