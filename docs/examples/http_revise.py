"""A review that is read, revised twice from one reading, and withdrawn."""

import httpx2
from docs.examples.http_session import BOOK, ask, serve

REVIEW = {"isbn": BOOK["isbn"], "reviewer": "Ada", "rating": 9}


def session(client: httpx2.Client) -> None:
    client.post("/books", json=BOOK)
    client.post("/reviewers", json={"name": "Ada"})
    path = client.post("/reviews", json=REVIEW).headers["location"]
    read = ask(client, "GET", path)
    tag = {"If-Match": read.headers["etag"]}
    revised = {"reviewer": "Ada", "rating": 7, "comment": "Read it again."}
    ask(client, "PUT", path, revised, tag)
    ask(client, "PUT", path, {**revised, "rating": 8}, tag)
    ask(client, "DELETE", f"{path}?reviewer=Ada", headers={"If-Match": '"2"'})


if __name__ == "__main__":
    serve(session)
