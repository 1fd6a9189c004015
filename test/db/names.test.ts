import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { indexName } from "../../src/db/names.ts";

// As Django 3.2 names them, printed by its sqlmigrate.
describe("index names", () => {
  it("are table, columns and eight digits", () => {
    assert.equal(indexName("bookshop_book", ["author_id"], "sqlite"), "bookshop_book_author_id_90f787b0");
    assert.equal(indexName("django_session", ["expire_date"], "sqlite"), "django_session_expire_date_a5c62663");
  });

  it("say what they are for", () => {
    assert.equal(
      indexName("bookshop_book", ["author_id", "title"], "sqlite", "_uniq"),
      "bookshop_book_author_id_title_87518f4d_uniq",
    );
    assert.equal(
      indexName("bookshop_book", ["author_id"], "postgres", "_fk_bookshop_author_id"),
      "bookshop_book_author_id_90f787b0_fk_bookshop_author_id",
    );
  });

  it("are shortened to what PostgreSQL takes, and stay Django's", () => {
    assert.equal(
      indexName("auth_permission", ["content_type_id"], "postgres", "_fk_django_content_type_id"),
      "auth_permission_content_type_id_2f476e4b_fk_django_co",
    );
    assert.equal(
      indexName("auth_group_permissions", ["permission_id"], "postgres", "_fk_auth_permission_id"),
      "auth_group_permissio_permission_id_84c5c92e_fk_auth_perm",
    );
  });
});
