"""The newsletter's language: letters, standings, and the club's messages as it reads them."""
