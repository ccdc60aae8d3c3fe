-- A club of revision 0003, as the release before wrote it: names that look alike, a name that shows
-- nothing, a long one, printed music, and the journal of all that was asked.
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0003');
CREATE TABLE answers (
	"key" VARCHAR(255) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	status SMALLINT, 
	body TEXT, 
	asked_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL, 
	CONSTRAINT pk_answers PRIMARY KEY ("key")
);
CREATE TABLE books (
	id CHAR(32) NOT NULL, 
	isbn_13 VARCHAR(13) NOT NULL, 
	isbn TEXT NOT NULL, 
	title TEXT NOT NULL, 
	author TEXT NOT NULL, 
	CONSTRAINT pk_books PRIMARY KEY (id), 
	CONSTRAINT uq_books_isbn_13 UNIQUE (isbn_13)
);
INSERT INTO "books" VALUES('01a22d51a939772b81b69dfc1be44c34','9780321125217','0-321-12521-5','Domain  Driven Design','Eric Evans');
INSERT INTO "books" VALUES('01a22d51a9497918a1d521c07ec1e364','9790260000438','979-0-2600-0043-8','Moldau','​');
CREATE TABLE eventstore (
	position INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	kind VARCHAR(7) NOT NULL, 
	published BOOLEAN NOT NULL, 
	id VARCHAR(36) NOT NULL, 
	created_at VARCHAR(32) NOT NULL, 
	type VARCHAR(255) NOT NULL, 
	payload TEXT NOT NULL
, stream_key VARCHAR(255) DEFAULT '' NOT NULL, slot SMALLINT DEFAULT '0' NOT NULL, correlation_id VARCHAR(255), causation_id VARCHAR(36), traceparent VARCHAR(55), sent_at DATETIME, refused_at DATETIME, refusal TEXT);
INSERT INTO "eventstore" VALUES(1,'command',0,'01a22d51-a939-772b-81b6-9dfdcae8af8d','2026-11-30T16:37:36.185610+00:00','register_book_v1','{"id": "01a22d51-a939-772b-81b6-9dfc1be44c34", "isbn": "0-321-12521-5", "title": "Domain  Driven Design", "author": "Eric Evans"}','',0,'01a22d51-a939-772b-81b6-9dfdcae8af8d',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "eventstore" VALUES(2,'event',1,'01a22d51-a941-76ed-ae58-5155b534ae4a','2026-11-30T16:37:36.193206+00:00','register_book_v1','{"id": "01a22d51-a939-772b-81b6-9dfc1be44c34", "isbn": "0-321-12521-5", "title": "Domain  Driven Design", "author": "Eric Evans"}','01a22d51-a939-772b-81b6-9dfc1be44c34',231,'01a22d51-a939-772b-81b6-9dfdcae8af8d','01a22d51-a939-772b-81b6-9dfdcae8af8d',NULL,NULL,NULL,NULL);
INSERT INTO "eventstore" VALUES(3,'command',0,'01a22d51-a949-7918-a1d5-21c1693c7812','2026-11-30T16:37:36.201852+00:00','register_book_v1','{"id": "01a22d51-a949-7918-a1d5-21c07ec1e364", "isbn": "979-0-2600-0043-8", "title": "Moldau\u0007", "author": "​"}','',0,'01a22d51-a949-7918-a1d5-21c1693c7812',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "eventstore" VALUES(4,'event',1,'01a22d51-a94b-7d27-85ff-915a778b5edc','2026-11-30T16:37:36.203257+00:00','register_book_v1','{"id": "01a22d51-a949-7918-a1d5-21c07ec1e364", "isbn": "979-0-2600-0043-8", "title": "Moldau\u0007", "author": "​"}','01a22d51-a949-7918-a1d5-21c07ec1e364',215,'01a22d51-a949-7918-a1d5-21c1693c7812','01a22d51-a949-7918-a1d5-21c1693c7812',NULL,NULL,NULL,NULL);
INSERT INTO "eventstore" VALUES(5,'command',0,'01a22d51-a94c-76f2-9491-eec8571b2a87','2026-11-30T16:37:36.204415+00:00','register_reviewer_v1','{"id": "01a22d51-a94c-76f2-9491-eec7c1ed4ffb", "name": "René"}','',0,'01a22d51-a94c-76f2-9491-eec8571b2a87',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "eventstore" VALUES(6,'event',1,'01a22d51-a94f-7dc0-9ad1-3a4d4d2266fd','2026-11-30T16:37:36.207299+00:00','reviewer_registered_v1','{"id": "01a22d51-a94c-76f2-9491-eec7c1ed4ffb", "name": "René"}','01a22d51-a94c-76f2-9491-eec7c1ed4ffb',235,'01a22d51-a94c-76f2-9491-eec8571b2a87','01a22d51-a94c-76f2-9491-eec8571b2a87',NULL,NULL,NULL,NULL);
INSERT INTO "eventstore" VALUES(7,'command',0,'01a22d51-a94f-7dc0-9ad1-3a4fb8c72a1b','2026-11-30T16:37:36.207773+00:00','review_book_v1','{"id": "01a22d51-a94f-7dc0-9ad1-3a4eec60465c", "isbn": "9780321125217", "reviewer": "René", "rating": 7, "comment": "René"}','',0,'01a22d51-a94f-7dc0-9ad1-3a4fb8c72a1b',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "eventstore" VALUES(8,'event',1,'01a22d51-a954-7aff-9baa-adfbb43d670e','2026-11-30T16:37:36.212362+00:00','book_reviewed_v1','{"id": "01a22d51-a94f-7dc0-9ad1-3a4eec60465c", "book_id": "01a22d51-a939-772b-81b6-9dfc1be44c34", "reviewer_id": "01a22d51-a94c-76f2-9491-eec7c1ed4ffb", "rating": 7, "comment": "René"}','01a22d51-a939-772b-81b6-9dfc1be44c34',231,'01a22d51-a94f-7dc0-9ad1-3a4fb8c72a1b','01a22d51-a94f-7dc0-9ad1-3a4fb8c72a1b',NULL,NULL,NULL,NULL);
INSERT INTO "eventstore" VALUES(9,'command',0,'01a22d51-a957-7461-b450-6fccf39d1be5','2026-11-30T16:37:36.215832+00:00','register_reviewer_v1','{"id": "01a22d51-a957-7461-b450-6fcb1f342341", "name": "René"}','',0,'01a22d51-a957-7461-b450-6fccf39d1be5',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "eventstore" VALUES(10,'event',1,'01a22d51-a958-76d8-82ba-214ba5e93e33','2026-11-30T16:37:36.216065+00:00','reviewer_registered_v1','{"id": "01a22d51-a957-7461-b450-6fcb1f342341", "name": "René"}','01a22d51-a957-7461-b450-6fcb1f342341',172,'01a22d51-a957-7461-b450-6fccf39d1be5','01a22d51-a957-7461-b450-6fccf39d1be5',NULL,NULL,NULL,NULL);
INSERT INTO "eventstore" VALUES(11,'command',0,'01a22d51-a959-71d9-9b9e-9e420bd76309','2026-11-30T16:37:36.217168+00:00','review_book_v1','{"id": "01a22d51-a959-71d9-9b9e-9e4139e23faf", "isbn": "9780321125217", "reviewer": "René", "rating": 7, "comment": "René"}','',0,'01a22d51-a959-71d9-9b9e-9e420bd76309',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "eventstore" VALUES(12,'event',1,'01a22d51-a95f-7ce5-83ad-6a2e203f0bd2','2026-11-30T16:37:36.223725+00:00','book_reviewed_v1','{"id": "01a22d51-a959-71d9-9b9e-9e4139e23faf", "book_id": "01a22d51-a939-772b-81b6-9dfc1be44c34", "reviewer_id": "01a22d51-a957-7461-b450-6fcb1f342341", "rating": 7, "comment": "René"}','01a22d51-a939-772b-81b6-9dfc1be44c34',231,'01a22d51-a959-71d9-9b9e-9e420bd76309','01a22d51-a959-71d9-9b9e-9e420bd76309',NULL,NULL,NULL,NULL);
INSERT INTO "eventstore" VALUES(13,'command',0,'01a22d51-a963-7475-be73-3aac0d8072f1','2026-11-30T16:37:36.227507+00:00','register_reviewer_v1','{"id": "01a22d51-a963-7475-be73-3aab3c5c7ea6", "name": "Ann  Lee"}','',0,'01a22d51-a963-7475-be73-3aac0d8072f1',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "eventstore" VALUES(14,'event',1,'01a22d51-a963-7475-be73-3aadbbb2ab63','2026-11-30T16:37:36.227788+00:00','reviewer_registered_v1','{"id": "01a22d51-a963-7475-be73-3aab3c5c7ea6", "name": "Ann  Lee"}','01a22d51-a963-7475-be73-3aab3c5c7ea6',139,'01a22d51-a963-7475-be73-3aac0d8072f1','01a22d51-a963-7475-be73-3aac0d8072f1',NULL,NULL,NULL,NULL);
INSERT INTO "eventstore" VALUES(15,'command',0,'01a22d51-a965-7633-b46e-b9fcfb6e7a29','2026-11-30T16:37:36.229768+00:00','review_book_v1','{"id": "01a22d51-a965-7633-b46e-b9fb2cc19a18", "isbn": "9780321125217", "reviewer": "Ann  Lee", "rating": 7, "comment": "René"}','',0,'01a22d51-a965-7633-b46e-b9fcfb6e7a29',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "eventstore" VALUES(16,'event',1,'01a22d51-a968-7729-afc8-b39e64ef0707','2026-11-30T16:37:36.232616+00:00','book_reviewed_v1','{"id": "01a22d51-a965-7633-b46e-b9fb2cc19a18", "book_id": "01a22d51-a939-772b-81b6-9dfc1be44c34", "reviewer_id": "01a22d51-a963-7475-be73-3aab3c5c7ea6", "rating": 7, "comment": "René"}','01a22d51-a939-772b-81b6-9dfc1be44c34',231,'01a22d51-a965-7633-b46e-b9fcfb6e7a29','01a22d51-a965-7633-b46e-b9fcfb6e7a29',NULL,NULL,NULL,NULL);
INSERT INTO "eventstore" VALUES(17,'command',0,'01a22d51-a969-719f-8f57-c89193d897a5','2026-11-30T16:37:36.233060+00:00','register_reviewer_v1','{"id": "01a22d51-a969-719f-8f57-c890ff6065b5", "name": "Ann Lee"}','',0,'01a22d51-a969-719f-8f57-c89193d897a5',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "eventstore" VALUES(18,'event',1,'01a22d51-a969-719f-8f57-c892d20b09ba','2026-11-30T16:37:36.233241+00:00','reviewer_registered_v1','{"id": "01a22d51-a969-719f-8f57-c890ff6065b5", "name": "Ann Lee"}','01a22d51-a969-719f-8f57-c890ff6065b5',166,'01a22d51-a969-719f-8f57-c89193d897a5','01a22d51-a969-719f-8f57-c89193d897a5',NULL,NULL,NULL,NULL);
INSERT INTO "eventstore" VALUES(19,'command',0,'01a22d51-a96c-725b-91a5-de742b286871','2026-11-30T16:37:36.236518+00:00','review_book_v1','{"id": "01a22d51-a96c-725b-91a5-de73227785dc", "isbn": "9780321125217", "reviewer": "Ann Lee", "rating": 7, "comment": "René"}','',0,'01a22d51-a96c-725b-91a5-de742b286871',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "eventstore" VALUES(20,'event',1,'01a22d51-a96d-77b7-93ca-0408183e3810','2026-11-30T16:37:36.237120+00:00','book_reviewed_v1','{"id": "01a22d51-a96c-725b-91a5-de73227785dc", "book_id": "01a22d51-a939-772b-81b6-9dfc1be44c34", "reviewer_id": "01a22d51-a969-719f-8f57-c890ff6065b5", "rating": 7, "comment": "René"}','01a22d51-a939-772b-81b6-9dfc1be44c34',231,'01a22d51-a96c-725b-91a5-de742b286871','01a22d51-a96c-725b-91a5-de742b286871',NULL,NULL,NULL,NULL);
INSERT INTO "eventstore" VALUES(21,'command',0,'01a22d51-a96d-77b7-93ca-040abb017c78','2026-11-30T16:37:36.237622+00:00','register_reviewer_v1','{"id": "01a22d51-a96d-77b7-93ca-0409159e3d57", "name": "​"}','',0,'01a22d51-a96d-77b7-93ca-040abb017c78',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "eventstore" VALUES(22,'event',1,'01a22d51-a96e-7c2e-91ee-328b1782a522','2026-11-30T16:37:36.238742+00:00','reviewer_registered_v1','{"id": "01a22d51-a96d-77b7-93ca-0409159e3d57", "name": "​"}','01a22d51-a96d-77b7-93ca-0409159e3d57',254,'01a22d51-a96d-77b7-93ca-040abb017c78','01a22d51-a96d-77b7-93ca-040abb017c78',NULL,NULL,NULL,NULL);
INSERT INTO "eventstore" VALUES(23,'command',0,'01a22d51-a96e-7c2e-91ee-328daf7c170b','2026-11-30T16:37:36.238996+00:00','review_book_v1','{"id": "01a22d51-a96e-7c2e-91ee-328c84d7299c", "isbn": "9780321125217", "reviewer": "​", "rating": 7, "comment": "René"}','',0,'01a22d51-a96e-7c2e-91ee-328daf7c170b',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "eventstore" VALUES(24,'event',1,'01a22d51-a970-722b-bded-451f21044c77','2026-11-30T16:37:36.240409+00:00','book_reviewed_v1','{"id": "01a22d51-a96e-7c2e-91ee-328c84d7299c", "book_id": "01a22d51-a939-772b-81b6-9dfc1be44c34", "reviewer_id": "01a22d51-a96d-77b7-93ca-0409159e3d57", "rating": 7, "comment": "René"}','01a22d51-a939-772b-81b6-9dfc1be44c34',231,'01a22d51-a96e-7c2e-91ee-328daf7c170b','01a22d51-a96e-7c2e-91ee-328daf7c170b',NULL,NULL,NULL,NULL);
INSERT INTO "eventstore" VALUES(25,'command',0,'01a22d51-a974-7d1f-b32a-506534385671','2026-11-30T16:37:36.244319+00:00','register_reviewer_v1','{"id": "01a22d51-a974-7d1f-b32a-5064b685424a", "name": "Zoë"}','',0,'01a22d51-a974-7d1f-b32a-506534385671',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "eventstore" VALUES(26,'event',1,'01a22d51-a974-7d1f-b32a-5066b8b9aecd','2026-11-30T16:37:36.244955+00:00','reviewer_registered_v1','{"id": "01a22d51-a974-7d1f-b32a-5064b685424a", "name": "Zoë"}','01a22d51-a974-7d1f-b32a-5064b685424a',35,'01a22d51-a974-7d1f-b32a-506534385671','01a22d51-a974-7d1f-b32a-506534385671',NULL,NULL,NULL,NULL);
INSERT INTO "eventstore" VALUES(27,'command',0,'01a22d51-a975-780c-bd68-17129804b27d','2026-11-30T16:37:36.245150+00:00','review_book_v1','{"id": "01a22d51-a975-780c-bd68-171134b66c9f", "isbn": "9780321125217", "reviewer": "Zoë", "rating": 7, "comment": "René"}','',0,'01a22d51-a975-780c-bd68-17129804b27d',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "eventstore" VALUES(28,'event',1,'01a22d51-a975-780c-bd68-171331a09d54','2026-11-30T16:37:36.245687+00:00','book_reviewed_v1','{"id": "01a22d51-a975-780c-bd68-171134b66c9f", "book_id": "01a22d51-a939-772b-81b6-9dfc1be44c34", "reviewer_id": "01a22d51-a974-7d1f-b32a-5064b685424a", "rating": 7, "comment": "René"}','01a22d51-a939-772b-81b6-9dfc1be44c34',231,'01a22d51-a975-780c-bd68-17129804b27d','01a22d51-a975-780c-bd68-17129804b27d',NULL,NULL,NULL,NULL);
INSERT INTO "eventstore" VALUES(29,'command',0,'01a22d51-a977-7acf-8f9a-5a5e84cd1be6','2026-11-30T16:37:36.247486+00:00','register_reviewer_v1','{"id": "01a22d51-a977-7acf-8f9a-5a5d948ff0cc", "name": "Ada"}','',0,'01a22d51-a977-7acf-8f9a-5a5e84cd1be6',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "eventstore" VALUES(30,'event',1,'01a22d51-a977-7acf-8f9a-5a5ff0ae4b81','2026-11-30T16:37:36.247713+00:00','reviewer_registered_v1','{"id": "01a22d51-a977-7acf-8f9a-5a5d948ff0cc", "name": "Ada"}','01a22d51-a977-7acf-8f9a-5a5d948ff0cc',6,'01a22d51-a977-7acf-8f9a-5a5e84cd1be6','01a22d51-a977-7acf-8f9a-5a5e84cd1be6',NULL,NULL,NULL,NULL);
INSERT INTO "eventstore" VALUES(31,'command',0,'01a22d51-a977-7acf-8f9a-5a615e6b1151','2026-11-30T16:37:36.247901+00:00','review_book_v1','{"id": "01a22d51-a977-7acf-8f9a-5a60a1852194", "isbn": "9780321125217", "reviewer": "Ada", "rating": 7, "comment": "René"}','',0,'01a22d51-a977-7acf-8f9a-5a615e6b1151',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "eventstore" VALUES(32,'event',1,'01a22d51-a978-7109-9138-dcdeff2b6e77','2026-11-30T16:37:36.248265+00:00','book_reviewed_v1','{"id": "01a22d51-a977-7acf-8f9a-5a60a1852194", "book_id": "01a22d51-a939-772b-81b6-9dfc1be44c34", "reviewer_id": "01a22d51-a977-7acf-8f9a-5a5d948ff0cc", "rating": 7, "comment": "René"}','01a22d51-a939-772b-81b6-9dfc1be44c34',231,'01a22d51-a977-7acf-8f9a-5a615e6b1151','01a22d51-a977-7acf-8f9a-5a615e6b1151',NULL,NULL,NULL,NULL);
INSERT INTO "eventstore" VALUES(33,'command',0,'01a22d51-a97d-75a8-a72e-089500491de2','2026-11-30T16:37:36.253011+00:00','register_reviewer_v1','{"id": "01a22d51-a97c-7d55-a887-2e0e226c988a", "name": "Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Name"}','',0,'01a22d51-a97d-75a8-a72e-089500491de2',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "eventstore" VALUES(34,'event',1,'01a22d51-a97d-75a8-a72e-08969292169d','2026-11-30T16:37:36.253296+00:00','reviewer_registered_v1','{"id": "01a22d51-a97c-7d55-a887-2e0e226c988a", "name": "Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Name"}','01a22d51-a97c-7d55-a887-2e0e226c988a',88,'01a22d51-a97d-75a8-a72e-089500491de2','01a22d51-a97d-75a8-a72e-089500491de2',NULL,NULL,NULL,NULL);
INSERT INTO "eventstore" VALUES(35,'command',0,'01a22d51-a97d-75a8-a72e-0898a2378784','2026-11-30T16:37:36.253525+00:00','review_book_v1','{"id": "01a22d51-a97d-75a8-a72e-08972722f93b", "isbn": "9780321125217", "reviewer": "Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Name", "rating": 7, "comment": "René"}','',0,'01a22d51-a97d-75a8-a72e-0898a2378784',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "eventstore" VALUES(36,'event',1,'01a22d51-a97e-7ea1-a3d3-5bfef6b2159f','2026-11-30T16:37:36.254203+00:00','book_reviewed_v1','{"id": "01a22d51-a97d-75a8-a72e-08972722f93b", "book_id": "01a22d51-a939-772b-81b6-9dfc1be44c34", "reviewer_id": "01a22d51-a97c-7d55-a887-2e0e226c988a", "rating": 7, "comment": "René"}','01a22d51-a939-772b-81b6-9dfc1be44c34',231,'01a22d51-a97d-75a8-a72e-0898a2378784','01a22d51-a97d-75a8-a72e-0898a2378784',NULL,NULL,NULL,NULL);
CREATE TABLE ratings (
	book_id CHAR(32) NOT NULL, 
	reviews INTEGER NOT NULL, 
	total INTEGER NOT NULL, version INTEGER DEFAULT '1' NOT NULL, 
	CONSTRAINT pk_ratings PRIMARY KEY (book_id), 
	CONSTRAINT fk_ratings_book_id FOREIGN KEY(book_id) REFERENCES books (id)
);
INSERT INTO "ratings" VALUES('01a22d51a939772b81b69dfc1be44c34',8,56,8);
CREATE TABLE reviewers (
	id CHAR(32) NOT NULL, 
	name TEXT NOT NULL, 
	CONSTRAINT pk_reviewers PRIMARY KEY (id), 
	CONSTRAINT uq_reviewers_name UNIQUE (name)
);
INSERT INTO "reviewers" VALUES('01a22d51a94c76f29491eec7c1ed4ffb','René');
INSERT INTO "reviewers" VALUES('01a22d51a9577461b4506fcb1f342341','René');
INSERT INTO "reviewers" VALUES('01a22d51a9637475be733aab3c5c7ea6','Ann  Lee');
INSERT INTO "reviewers" VALUES('01a22d51a969719f8f57c890ff6065b5','Ann Lee');
INSERT INTO "reviewers" VALUES('01a22d51a96d77b793ca0409159e3d57','​');
INSERT INTO "reviewers" VALUES('01a22d51a9747d1fb32a5064b685424a','Zoë');
INSERT INTO "reviewers" VALUES('01a22d51a9777acf8f9a5a5d948ff0cc','Ada');
INSERT INTO "reviewers" VALUES('01a22d51a97c7d55a8872e0e226c988a','Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Name');
CREATE TABLE reviews (
	id CHAR(32) NOT NULL, 
	book_id CHAR(32) NOT NULL, 
	reviewer_id CHAR(32) NOT NULL, 
	rating SMALLINT NOT NULL, 
	comment TEXT NOT NULL, 
	CONSTRAINT pk_reviews PRIMARY KEY (id), 
	CONSTRAINT fk_reviews_book_id FOREIGN KEY(book_id) REFERENCES books (id), 
	CONSTRAINT fk_reviews_reviewer_id FOREIGN KEY(reviewer_id) REFERENCES reviewers (id), 
	CONSTRAINT uq_reviews_book_id_reviewer_id UNIQUE (book_id, reviewer_id)
);
INSERT INTO "reviews" VALUES('01a22d51a94f7dc09ad13a4eec60465c','01a22d51a939772b81b69dfc1be44c34','01a22d51a94c76f29491eec7c1ed4ffb',7,'René');
INSERT INTO "reviews" VALUES('01a22d51a95971d99b9e9e4139e23faf','01a22d51a939772b81b69dfc1be44c34','01a22d51a9577461b4506fcb1f342341',7,'René');
INSERT INTO "reviews" VALUES('01a22d51a9657633b46eb9fb2cc19a18','01a22d51a939772b81b69dfc1be44c34','01a22d51a9637475be733aab3c5c7ea6',7,'René');
INSERT INTO "reviews" VALUES('01a22d51a96c725b91a5de73227785dc','01a22d51a939772b81b69dfc1be44c34','01a22d51a969719f8f57c890ff6065b5',7,'René');
INSERT INTO "reviews" VALUES('01a22d51a96e7c2e91ee328c84d7299c','01a22d51a939772b81b69dfc1be44c34','01a22d51a96d77b793ca0409159e3d57',7,'René');
INSERT INTO "reviews" VALUES('01a22d51a975780cbd68171134b66c9f','01a22d51a939772b81b69dfc1be44c34','01a22d51a9747d1fb32a5064b685424a',7,'René');
INSERT INTO "reviews" VALUES('01a22d51a9777acf8f9a5a60a1852194','01a22d51a939772b81b69dfc1be44c34','01a22d51a9777acf8f9a5a5d948ff0cc',7,'René');
INSERT INTO "reviews" VALUES('01a22d51a97d75a8a72e08972722f93b','01a22d51a939772b81b69dfc1be44c34','01a22d51a97c7d55a8872e0e226c988a',7,'René');
CREATE TABLE stream (
	position INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(36) NOT NULL, 
	created_at VARCHAR(32) NOT NULL, 
	type VARCHAR(255) NOT NULL, 
	payload TEXT NOT NULL, 
	headers TEXT NOT NULL, 
	published_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL, 
	CONSTRAINT uq_stream_id UNIQUE (id)
);
CREATE TABLE stream_consumers (
	consumer VARCHAR(255) NOT NULL, 
	position INTEGER NOT NULL, 
	CONSTRAINT pk_stream_consumers PRIMARY KEY (consumer)
);
CREATE INDEX ix_eventstore_waiting ON eventstore (position) WHERE published IS 1 AND sent_at IS NULL;
CREATE INDEX ix_eventstore_refused ON eventstore (stream_key) WHERE refused_at IS NOT NULL;
CREATE INDEX ix_eventstore_sent ON eventstore (sent_at) WHERE sent_at IS NOT NULL;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('eventstore',36);
COMMIT;
