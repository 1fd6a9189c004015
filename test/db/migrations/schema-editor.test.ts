import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Dialect } from "../../../src/db/index.ts";
import { schemaEditor } from "../../../src/db/migrations/schema-editor.ts";
import { getModel } from "../../../src/db/migrations/state.ts";
import { field, type Model, model } from "../../../src/model/index.ts";
import { Author, Book, Review, Tag, User } from "./bookshop.ts";

const editor = (dialect: Dialect, ...others: readonly Model[]) => {
  const models = new Map(
    [User, Author, Tag, Book, Review, ...others].map((each): [string, Model] => [each.name, each]),
  );
  return schemaEditor(dialect, (target) => getModel(models, target));
};

// The literals are what Django 3.2 made of the same models; `metadata`'s text differs in nothing.
describe("tables on SQLite are Django's", () => {
  it("of a book, with its unique set, indexes and many-to-many table", () => {
    assert.deepEqual(editor("sqlite").createTable(Book), [
      'CREATE TABLE "bookshop_book" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "title" varchar(200) NOT NULL, "isbn" varchar(13) NOT NULL UNIQUE, "price" decimal NOT NULL, "pages" integer unsigned NOT NULL CHECK ("pages" >= 0), "in_print" bool NOT NULL, "genre" varchar(10) NOT NULL, "rating" real NULL, "published_at" datetime NULL, "ref" char(32) NOT NULL, "metadata" text NULL CHECK ((JSON_VALID("metadata") OR "metadata" IS NULL)), "created_at" datetime NOT NULL, "updated_at" datetime NOT NULL, "author_id" bigint NOT NULL REFERENCES "bookshop_author" ("id") DEFERRABLE INITIALLY DEFERRED, "owner_id" integer NOT NULL REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED)',
      'CREATE UNIQUE INDEX "bookshop_book_author_id_title_87518f4d_uniq" ON "bookshop_book" ("author_id", "title")',
      'CREATE INDEX "bookshop_book_author_id_90f787b0" ON "bookshop_book" ("author_id")',
      'CREATE INDEX "bookshop_book_owner_id_da996225" ON "bookshop_book" ("owner_id")',
      'CREATE TABLE "bookshop_book_tags" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "book_id" bigint NOT NULL REFERENCES "bookshop_book" ("id") DEFERRABLE INITIALLY DEFERRED, "tag_id" bigint NOT NULL REFERENCES "bookshop_tag" ("id") DEFERRABLE INITIALLY DEFERRED)',
      'CREATE UNIQUE INDEX "bookshop_book_tags_book_id_tag_id_636817a0_uniq" ON "bookshop_book_tags" ("book_id", "tag_id")',
      'CREATE INDEX "bookshop_book_tags_book_id_bd4b3d05" ON "bookshop_book_tags" ("book_id")',
      'CREATE INDEX "bookshop_book_tags_tag_id_3a196389" ON "bookshop_book_tags" ("tag_id")',
    ]);
  });

  it("of an author, a tag and a review", () => {
    assert.deepEqual(editor("sqlite").createTable(Author), [
      'CREATE TABLE "bookshop_author" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "name" varchar(100) NOT NULL, "email" varchar(254) NULL UNIQUE, "website" varchar(200) NOT NULL, "born" date NULL)',
    ]);
    assert.deepEqual(editor("sqlite").createTable(Tag), [
      'CREATE TABLE "bookshop_tag" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "slug" varchar(50) NOT NULL UNIQUE, "name" varchar(50) NOT NULL)',
    ]);
    assert.deepEqual(editor("sqlite").createTable(Review), [
      'CREATE TABLE "bookshop_review" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "rating" integer NOT NULL, "body" text NOT NULL, "created_at" datetime NOT NULL, "book_id" bigint NOT NULL REFERENCES "bookshop_book" ("id") DEFERRABLE INITIALLY DEFERRED, "owner_id" integer NOT NULL REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED)',
      'CREATE INDEX "bookshop_review_book_id_3154efd9" ON "bookshop_review" ("book_id")',
      'CREATE INDEX "bookshop_review_owner_id_a3efc0e1" ON "bookshop_review" ("owner_id")',
    ]);
  });

  it("of a blacklisted token, whose foreign key is unique", () => {
    const Outstanding = model("token_blacklist.outstandingtoken", { fields: { token: field.text() } });
    const Blacklisted = model("token_blacklist.blacklistedtoken", {
      fields: {
        blacklisted_at: field.datetime(),
        token: field.foreignKey(Outstanding, { unique: true }),
        id: field.id(),
      },
    });
    assert.deepEqual(editor("sqlite", Outstanding).createTable(Blacklisted), [
      'CREATE TABLE "token_blacklist_blacklistedtoken" ("blacklisted_at" datetime NOT NULL, "token_id" bigint NOT NULL UNIQUE REFERENCES "token_blacklist_outstandingtoken" ("id") DEFERRABLE INITIALLY DEFERRED, "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT)',
    ]);
  });

  it("of friends, who point at their own table twice", () => {
    const Person = model("person", { fields: { friends: field.manyToMany("person") } });
    assert.equal(
      editor("sqlite", Person).createTable(Person)[1],
      'CREATE TABLE "person_friends" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "from_person_id" bigint NOT NULL REFERENCES "person" ("id") DEFERRABLE INITIALLY DEFERRED, "to_person_id" bigint NOT NULL REFERENCES "person" ("id") DEFERRABLE INITIALLY DEFERRED)',
    );
  });
});

describe("tables on PostgreSQL are Django's", () => {
  it("of a book, with named constraints", () => {
    assert.deepEqual(editor("postgres").createTable(Book), [
      'CREATE TABLE "bookshop_book" ("id" bigint NOT NULL PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, "title" varchar(200) NOT NULL, "isbn" varchar(13) NOT NULL UNIQUE, "price" numeric(8, 2) NOT NULL, "pages" integer NOT NULL CHECK ("pages" >= 0), "in_print" boolean NOT NULL, "genre" varchar(10) NOT NULL, "rating" double precision NULL, "published_at" timestamp with time zone NULL, "ref" uuid NOT NULL, "metadata" jsonb NULL, "created_at" timestamp with time zone NOT NULL, "updated_at" timestamp with time zone NOT NULL, "author_id" bigint NOT NULL, "owner_id" integer NOT NULL)',
      'ALTER TABLE "bookshop_book" ADD CONSTRAINT "bookshop_book_author_id_title_87518f4d_uniq" UNIQUE ("author_id", "title")',
      'ALTER TABLE "bookshop_book" ADD CONSTRAINT "bookshop_book_author_id_90f787b0_fk_bookshop_author_id" FOREIGN KEY ("author_id") REFERENCES "bookshop_author" ("id") DEFERRABLE INITIALLY DEFERRED',
      'CREATE INDEX "bookshop_book_author_id_90f787b0" ON "bookshop_book" ("author_id")',
      'ALTER TABLE "bookshop_book" ADD CONSTRAINT "bookshop_book_owner_id_da996225_fk_auth_user_id" FOREIGN KEY ("owner_id") REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED',
      'CREATE INDEX "bookshop_book_owner_id_da996225" ON "bookshop_book" ("owner_id")',
      'CREATE TABLE "bookshop_book_tags" ("id" bigint NOT NULL PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, "book_id" bigint NOT NULL, "tag_id" bigint NOT NULL)',
      'ALTER TABLE "bookshop_book_tags" ADD CONSTRAINT "bookshop_book_tags_book_id_tag_id_636817a0_uniq" UNIQUE ("book_id", "tag_id")',
      'ALTER TABLE "bookshop_book_tags" ADD CONSTRAINT "bookshop_book_tags_book_id_bd4b3d05_fk_bookshop_book_id" FOREIGN KEY ("book_id") REFERENCES "bookshop_book" ("id") DEFERRABLE INITIALLY DEFERRED',
      'CREATE INDEX "bookshop_book_tags_book_id_bd4b3d05" ON "bookshop_book_tags" ("book_id")',
      'ALTER TABLE "bookshop_book_tags" ADD CONSTRAINT "bookshop_book_tags_tag_id_3a196389_fk_bookshop_tag_id" FOREIGN KEY ("tag_id") REFERENCES "bookshop_tag" ("id") DEFERRABLE INITIALLY DEFERRED',
      'CREATE INDEX "bookshop_book_tags_tag_id_3a196389" ON "bookshop_book_tags" ("tag_id")',
    ]);
  });

  it("a column that rows get a value for keeps no default", () => {
    const before = model("book", { fields: {} });
    const after = model("book", { fields: { in_print: field.boolean({ default: true }) } });
    assert.deepEqual(editor("postgres").addColumn(before, after, "in_print"), [
      'ALTER TABLE "book" ADD COLUMN "in_print" boolean DEFAULT true NOT NULL',
      'ALTER TABLE "book" ALTER COLUMN "in_print" DROP DEFAULT',
    ]);
  });
});
