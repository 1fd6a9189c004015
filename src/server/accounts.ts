/** Users and groups of the machine, as its files tell them; Node has no other way to ask for their numbers. */
import { readFileSync } from "node:fs";

export interface Account {
  /** Undefined for a number without an entry. */
  readonly name: string | undefined;
  readonly id: number;
  /** Its first group. */
  readonly group: number;
}

/** A user by name or number; undefined where there is none. */
export function findAccount(asked: string): Account | undefined {
  const [name, , id, group] = findEntry("/etc/passwd", asked) ?? [];
  if (name !== undefined) return { name, id: Number(id), group: Number(group) };
  return isNumber(asked) ? { name: undefined, id: Number(asked), group: Number(asked) } : undefined;
}

/** The number of a group; undefined where there is none. */
export function findGroup(asked: string): number | undefined {
  const [, , id] = findEntry("/etc/group", asked) ?? [];
  return id === undefined ? (isNumber(asked) ? Number(asked) : undefined) : Number(id);
}

/** The groups that a user is a member of beside the first one. */
export function groupsOf(user: string | undefined): readonly number[] {
  if (user === undefined) return [];
  return entriesOf("/etc/group").flatMap(([, , id, members = ""]) =>
    members.split(",").includes(user) ? [Number(id)] : [],
  );
}

const isNumber = (text: string): boolean => /^\d+$/.test(text);

const entriesOf = (file: string): readonly (readonly string[])[] =>
  readFileSync(file, "utf8")
    .split("\n")
    .map((line) => line.split(":"));

const findEntry = (file: string, asked: string): readonly string[] | undefined =>
  entriesOf(file).find(([name, , id]) => name === asked || (isNumber(asked) && id === asked));
