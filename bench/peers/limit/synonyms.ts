/**
 * Synonyms, by hand: read, created, changed, and created many at once.
 *
 * That a word is not taken is asked of the unique index where that is enough: the insert is tried, and what it refuses is the
 * finding. A list of findings needs the question before. Nothing that was written is read again: what the client sees of it is known.
 */
import { hash } from "node:crypto";
import { type Database, Refusal, row, rows, time, type User } from "./database.ts";

export interface Synonyms {
  find(id: number): object | undefined;
  /** Whether `create` is going to refuse a body, and so writes nothing. */
  isWrong(body: unknown): boolean;
  /** Call it in a transaction, as those below. @throws Refusal */
  create(user: User, body: unknown): object;
  createAll(user: User, body: unknown): object;
  /** @param ifMatch  the state that the change is meant for */
  change(user: User, id: number, body: unknown, ifMatch: string | undefined): object;
}

type Field = "word" | "synonym";
type Findings = { [field in Field]?: readonly string[] };

/** What an item gives, and what is wrong with it. A field with a finding has no value. */
interface Read {
  readonly values: { readonly [field in Field]?: string };
  readonly findings: Findings | undefined;
}
type Row = readonly [
  id: number,
  word: string,
  synonym: string,
  createdAt: string,
  updatedAt: string,
  ownerId: number,
  owner: string,
];

const fields = ["word", "synonym"] as const;
const taken = ["The word is taken."];
const maxItems = 1000;
/** Rows of one INSERT, and words of one SELECT. */
const batchSize = 250;

/** The synonyms of a database. */
export function synonymsOf({ prepare }: Database): Synonyms {
  const one = prepare(
    `SELECT s.id, s.word, s.synonym, s.created_at, s.updated_at, s.owner_id, u.username
     FROM thesaurus_synonym s JOIN auth_user u ON u.id = s.owner_id WHERE s.id = ?`,
  );
  const holder = prepare("SELECT id FROM thesaurus_synonym WHERE word = ?");
  const update = prepare("UPDATE thesaurus_synonym SET word = ?, synonym = ?, updated_at = ? WHERE id = ?");
  const insertOf = (count: number) =>
    prepare(
      `INSERT INTO thesaurus_synonym (word, synonym, created_at, updated_at, owner_id)
       VALUES ${Array(count).fill("(?, ?, ?, ?, ?)").join()} RETURNING id`,
    );
  const insert = insertOf(1);

  const isTaken = (word: string, id?: number): boolean => {
    const found = row<[number]>(holder.get(word));
    return found !== undefined && found[0] !== id;
  };

  function takenAmong(words: readonly string[]): Set<string> {
    const found = new Set<string>();
    for (let i = 0; i < words.length; i += batchSize) {
      const batch = words.slice(i, i + batchSize);
      const sql = `SELECT word FROM thesaurus_synonym WHERE word IN (${batch.map(() => "?").join()})`;
      for (const [word] of rows<[string]>(prepare(sql).all(...batch))) found.add(word);
    }
    return found;
  }

  return {
    find(id) {
      const found = row<Row>(one.get(id));
      return found && toJson(found);
    },

    isWrong: (body) => !isObject(body) || read(body, fields).findings !== undefined,

    create(user, body) {
      const { values, findings } = read(body, fields);
      const { word = "", synonym = "" } = values;
      if (findings !== undefined) {
        if (findings.word === undefined && isTaken(word)) throw new Refusal(400, { word: taken, ...findings });
        throw new Refusal(400, findings);
      }
      const now = stamp();
      const id = row<[number]>(unlessTaken(() => insert.get(word, synonym, now, now, user.id)))?.[0] ?? 0;
      return toJson([id, word, synonym, now, now, user.id, user.username]);
    },

    createAll(user, body) {
      if (!Array.isArray(body)) throw new Refusal(400, { non_field_errors: ["Expected a list."] });
      if (body.length === 0) throw new Refusal(400, { non_field_errors: ["Expected an item at least."] });
      if (body.length > maxItems) throw new Refusal(400, { non_field_errors: [`Expected ${maxItems} items at most.`] });
      const all = body.map((item: unknown) => read(item, fields));
      const held = takenAmong(all.flatMap(({ values }) => values.word ?? []));
      const findings = all.map(({ values: { word }, findings: own }) => {
        if (word === undefined) return own;
        if (held.has(word)) return { word: taken, ...own };
        held.add(word); // a later item with this word comes too late
        return own;
      });
      if (findings.some((own) => own !== undefined))
        throw new Refusal(
          400,
          findings.map((own) => own ?? {}),
        );

      const now = stamp();
      const created: object[] = [];
      for (let i = 0; i < all.length; i += batchSize) {
        const batch = all.slice(i, i + batchSize).map(({ values: { word = "", synonym = "" } }) => ({ word, synonym }));
        const given = batch.flatMap(({ word, synonym }) => [word, synonym, now, now, user.id]);
        const ids = rows<[number]>(insertOf(batch.length).all(...given));
        for (const [j, { word, synonym }] of batch.entries())
          created.push(toJson([ids[j]?.[0] ?? 0, word, synonym, now, now, user.id, user.username]));
      }
      return created;
    },

    change(user, id, body, ifMatch) {
      const found = row<Row>(one.get(id));
      if (found === undefined) throw new Refusal(404, { detail: "There is no such synonym." });
      const [, word, synonym, createdAt, , ownerId, owner] = found;
      if (ownerId !== user.id && !user.isStaff) throw new Refusal(403, { detail: "This is somebody else's." });
      const given = fields.filter((field) => Object.hasOwn(Object(body), field));
      const { values, findings } = read(body, given);
      const next = { word, synonym, ...values };
      const isNewWord = next.word !== word && isTaken(next.word, id);
      if (findings !== undefined || isNewWord)
        throw new Refusal(
          400,
          isNewWord && findings?.word === undefined ? { word: taken, ...findings } : { ...findings },
        );
      if (ifMatch !== undefined && ifMatch !== "*" && !ifMatch.includes(etagOf(JSON.stringify(toJson(found)))))
        throw new Refusal(412, { detail: "The synonym has changed." });
      const now = stamp();
      update.run(next.word, next.synonym, now, id);
      return toJson([id, next.word, next.synonym, createdAt, now, ownerId, owner]);
    },
  };
}

/** The ETag of a text. */
export const etagOf = (text: string): string => `"${hash("sha1", text, "base64url")}"`;

const toJson = ([id, word, synonym, createdAt, updatedAt, , owner]: Row): object => ({
  id,
  word,
  synonym,
  owner,
  created_at: time(createdAt),
  updated_at: time(updatedAt),
});

/** The given fields of an item. @throws Refusal  it is no object */
function read(item: unknown, names: readonly Field[]): Read {
  if (!isObject(item)) throw new Refusal(400, { non_field_errors: ["Expected an object."] });
  const given: { readonly [field in Field]?: unknown } = item;
  const values: { [field in Field]?: string } = {};
  let findings: Findings | undefined;
  for (const name of names) {
    const text = textOf(given[name]);
    const finding = findingIn(given[name], text);
    if (finding === undefined) values[name] = text;
    else {
      findings ??= {};
      findings[name] = [finding];
    }
  }
  return { values, findings };
}

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const textOf = (value: unknown): string | undefined => {
  if (typeof value === "string") return value.trim();
  return typeof value === "number" ? String(value) : undefined;
};

function findingIn(value: unknown, text: string | undefined): string | undefined {
  if (value === undefined) return "The field is required.";
  if (text === undefined) return "Expected text.";
  if (text === "") return "Expected some text.";
  if (text.includes("\0")) return "Expected text without null characters.";
  // The database would keep another character than the answer shows.
  if (!text.isWellFormed()) return "Expected text without halves of surrogate pairs.";
  return text.length > 100 && [...text].length > 100 ? "Expected 100 characters at most." : undefined;
}

/** Now, as Django's column text. */
const stamp = (): string => new Date().toISOString().replace("T", " ").replace("Z", "000");

/** @throws Refusal  the unique index refused the word */
function unlessTaken<T>(insert: () => T): T {
  try {
    return insert();
  } catch (error) {
    if (error instanceof Error && "errcode" in error && error.errcode === 2067) throw new Refusal(400, { word: taken });
    throw error;
  }
}
