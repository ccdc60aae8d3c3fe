-- A shelf as the first release wrote it: a book, a reviewer, a review, and their messages.
CREATE TABLE books (
	id CHAR(32) NOT NULL, 
	isbn_13 VARCHAR(13) NOT NULL, 
	isbn TEXT NOT NULL, 
	title TEXT NOT NULL, 
	author TEXT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (isbn_13)
);
INSERT INTO books VALUES('01a21aae555578b5b0b345f6b38c1047','9780132350884','9780132350884','Clean Code','R. C. Martin');
CREATE TABLE reviewers (
	id CHAR(32) NOT NULL, 
	name TEXT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (name)
);
INSERT INTO reviewers VALUES('01a21aae588076e2920861f9c7adf73c','Ann');
CREATE TABLE eventstore (
	position INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	kind VARCHAR(7) NOT NULL, 
	published BOOLEAN NOT NULL, 
	id VARCHAR(36) NOT NULL, 
	created_at VARCHAR(32) NOT NULL, 
	type VARCHAR(255) NOT NULL, 
	payload TEXT NOT NULL
);
INSERT INTO eventstore VALUES(1,'command',0,'01a21aae-5555-78b5-b0b3-45f78e3c2fc0','2026-11-27T01:46:02.453569+00:00','register_book_v1','{"id": "01a21aae-5555-78b5-b0b3-45f6b38c1047", "isbn": "9780132350884", "title": "Clean Code", "author": "R. C. Martin"}');
INSERT INTO eventstore VALUES(2,'event',1,'01a21aae-5570-7c35-9ac4-d11113861a4e','2026-11-27T01:46:02.480402+00:00','register_book_v1','{"id": "01a21aae-5555-78b5-b0b3-45f6b38c1047", "isbn": "9780132350884", "title": "Clean Code", "author": "R. C. Martin"}');
INSERT INTO eventstore VALUES(3,'command',0,'01a21aae-5880-76e2-9208-61fa5835ce5d','2026-11-27T01:46:03.264227+00:00','register_reviewer_v1','{"id": "01a21aae-5880-76e2-9208-61f9c7adf73c", "name": "Ann"}');
INSERT INTO eventstore VALUES(4,'event',1,'01a21aae-5897-712f-861e-c693838a8223','2026-11-27T01:46:03.287761+00:00','reviewer_registered_v1','{"id": "01a21aae-5880-76e2-9208-61f9c7adf73c", "name": "Ann"}');
INSERT INTO eventstore VALUES(5,'command',0,'01a21aae-5b98-764e-b448-7abe59723f63','2026-11-27T01:46:04.056223+00:00','review_book_v1','{"id": "01a21aae-5b98-764e-b448-7abd9448c361", "isbn": "9780132350884", "reviewer": "Ann", "rating": 9, "comment": ""}');
INSERT INTO eventstore VALUES(6,'event',1,'01a21aae-5bb1-7377-b530-a3ff2989cf6e','2026-11-27T01:46:04.081503+00:00','book_reviewed_v1','{"id": "01a21aae-5b98-764e-b448-7abd9448c361", "book_id": "01a21aae-5555-78b5-b0b3-45f6b38c1047", "reviewer_id": "01a21aae-5880-76e2-9208-61f9c7adf73c", "rating": 9, "comment": ""}');
CREATE TABLE reviews (
	id CHAR(32) NOT NULL, 
	book_id CHAR(32) NOT NULL, 
	reviewer_id CHAR(32) NOT NULL, 
	rating SMALLINT NOT NULL, 
	comment TEXT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (book_id, reviewer_id), 
	FOREIGN KEY(book_id) REFERENCES books (id), 
	FOREIGN KEY(reviewer_id) REFERENCES reviewers (id)
);
INSERT INTO reviews VALUES('01a21aae5b98764eb4487abd9448c361','01a21aae555578b5b0b345f6b38c1047','01a21aae588076e2920861f9c7adf73c',9,'');
CREATE TABLE ratings (
	book_id CHAR(32) NOT NULL, 
	reviews INTEGER NOT NULL, 
	total INTEGER NOT NULL, 
	PRIMARY KEY (book_id), 
	FOREIGN KEY(book_id) REFERENCES books (id)
);
INSERT INTO ratings VALUES('01a21aae555578b5b0b345f6b38c1047',1,9);
INSERT INTO sqlite_sequence VALUES('eventstore',6);
