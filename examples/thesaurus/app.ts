/**
 * A thesaurus: words with their synonyms and antonyms, and both side by side.
 *
 * Everybody reads; signed-in users add words, and change or delete those that they added.
 */
import { join } from "node:path";
import { defineApp, field, model, pagination, permission, query, resource } from "drf-auth";

export const Synonym = model("thesaurus.synonym", {
  fields: {
    word: field.text({ maxLength: 100, unique: true }),
    synonym: field.text({ maxLength: 100 }),
    owner: field.owner(),
    created_at: field.createdAt(),
    updated_at: field.updatedAt(),
  },
});

export const Antonym = model("thesaurus.antonym", {
  fields: {
    word: field.text({ maxLength: 100, unique: true }),
    antonym: field.text({ maxLength: 100 }),
    owner: field.owner(),
    created_at: field.createdAt(),
    updated_at: field.updatedAt(),
  },
});

/** Every word that has a synonym, with its antonym where there is one: a LEFT JOIN, which the database does. */
const Word = query("thesaurus.word", {
  fields: {
    word: field.text({ primaryKey: true }),
    synonym: field.text(),
    antonym: field.text({ null: true }),
  },
  from: (db) =>
    db
      .selectFrom("thesaurus_synonym as s")
      .leftJoin("thesaurus_antonym as a", "a.word", "s.word")
      .select(["s.word", "s.synonym", "a.antonym"]),
});

const owner = { owner: field.from("owner.username") };
const permissions = [permission.authenticatedOrReadOnly(), permission.ownerOrReadOnly("owner", { staff: true })];
const pages = pagination.pageNumber({ pageSize: 10, pageSizeParameter: "page_size", maxPageSize: 100 });

export default defineApp({
  title: "Thesaurus",
  settings: { databaseUrl: `sqlite:///${join(import.meta.dirname, ".data", "db.sqlite3")}` },
  resources: {
    synonyms: resource(Synonym, {
      description: "Words that mean the same.",
      fields: ["id", "word", "synonym", "owner", "created_at", "updated_at"],
      extra: owner,
      permissions,
      pagination: pages,
      filter: { word: ["exact", "icontains", "startswith", "in"], synonym: ["exact", "icontains"], owner: ["exact"] },
      search: ["word", "synonym"],
      order: ["id", "word", "synonym", "created_at"],
      defaultOrder: ["word"],
    }),
    antonyms: resource(Antonym, {
      description: "Words that mean the opposite.",
      fields: ["id", "word", "antonym", "owner", "created_at", "updated_at"],
      extra: owner,
      permissions,
      pagination: pages,
      filter: { word: ["exact", "icontains", "startswith", "in"], antonym: ["exact", "icontains"], owner: ["exact"] },
      search: ["word", "antonym"],
      order: ["id", "word", "antonym", "created_at"],
      defaultOrder: ["word"],
    }),
    words: resource(Word, {
      description: "Every word that has a synonym, with its antonym where there is one.",
      only: ["list"],
      pagination: pages,
      filter: { word: ["exact", "icontains"], synonym: ["exact"], antonym: ["exact", "isnull"] },
      search: ["word", "synonym", "antonym"],
      order: ["word", "synonym"],
      defaultOrder: ["word"],
    }),
  },
});
