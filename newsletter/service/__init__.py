"""What the newsletter does with the club's events, over ports."""
