/**
 * A row of the table of accounts as an object. It has its password where code asks for it by name, but no answer, log or copy of it shows it.
 */
import type { Selection, SqlRow } from "../db/index.ts";
import { User, type UserRow } from "./models.ts";

const columns = Object.entries(User.fields)
  .filter(([name, { kind }]) => kind !== "manyToMany" && name !== "password")
  .map(([name]) => name);

/** Reads accounts from rows. @param selection  of the table of accounts; its columns are added to it */
export function accountReader(selection: Selection): (row: SqlRow | undefined) => UserRow | undefined {
  const readPassword = readerOf(selection, "password");
  const readers = columns.map((name) => readerOf(selection, name));
  return (row) => {
    if (!row) return undefined;
    const values: Record<string, unknown> = new Account(String(readPassword(row)));
    for (let i = 0; i < columns.length; i++) values[columns[i] as string] = readers[i]?.(row);
    return values as UserRow;
  };
}

const readerOf = (selection: Selection, name: string) => {
  const { index, resolved } = selection.add(name);
  return (row: SqlRow) => (row[index] === null ? null : resolved.format.fromColumn(row[index]));
};

class Account {
  [column: string]: unknown;
  readonly #password: string;
  constructor(password: string) {
    this.#password = password;
  }
  get password(): string {
    return this.#password;
  }
}
