"""`python -m newsletter`: the command line."""

from newsletter.entrypoints.cli import main

if __name__ == "__main__":
    main()
