"""`python -m reading_club`: the command line."""

from reading_club.entrypoints.cli import main

if __name__ == "__main__":
    main()
