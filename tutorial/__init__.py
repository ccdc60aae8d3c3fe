"""The tutorial's machinery: every line of a chapter runs at the point where it is read.

    errors.py      one error: where, which rule, which remedy
    book.py        chapters, steps and the state of every file after each step
    symbols.py     where a function, a class, the imports stand in a file
    listings.py    where a listing goes in a file that is being typed
    pages.py       a chapter's page, typed along; which lines it shows
    markdown.py    the directives of a page, for MkDocs
    panels.py      you are here, map, diffs, whole code
    diagram.py     a recorded run as a sequence diagram
    inside.py      runs pytest inside a state, away from this repository
    known.py       what runs have learned, for as long as nothing changes
    runs.py        red and green runs and their outputs
    reach.py       what a file of a state can depend on
    checkers.py    mypy and pyright over the states
    versions.py    freeze an old form of a file, carry an edit forward
    projects.py    a state as a project of its own, and as a git history
    replay.py      the tutorial typed along from the built HTML alone
    __main__.py    the commands

How a chapter is made: docs/contributing/how-a-chapter-is-made.md.
"""
