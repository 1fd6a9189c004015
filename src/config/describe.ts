/**
 * Settings as people read them: the rows of `--help`, of the `settings` command and of the reference page.
 */
import type { Resolved } from "./read.ts";
import type { Setting, Settings } from "./setting.ts";

/** What there is to say about a setting, before any value is known. */
export interface SettingDescription {
  readonly key: string;
  readonly name: string;
  /** With its dashes. */
  readonly flag: string | undefined;
  /** The default in words. */
  readonly default: string;
  readonly unit: string | undefined;
  readonly expected: string;
  readonly secret: boolean;
  readonly description: string;
}

/** Describes rows, in their order. */
export function describeSettings<T extends object>(rows: Settings<T>): readonly SettingDescription[] {
  return Object.entries<Setting<unknown>>(rows).map(([key, row]) => ({
    key,
    name: row.name,
    flag: row.flag === undefined ? undefined : `--${row.flag}`,
    default: defaultOf(row),
    unit: row.unit,
    expected: row.parse.expected,
    secret: row.secret === true,
    description: row.description,
  }));
}

/** A value in words; that of a secret stays hidden. */
export function describeValue({ row, value }: Pick<Resolved, "row" | "value">): string {
  if (value === undefined) return "(not set)";
  return row.secret ? "(hidden)" : inWords(value);
}

function defaultOf(row: Setting<unknown>): string {
  if (row.defaultText !== undefined) return row.defaultText;
  if (!("default" in row)) return "(must be set)";
  if (typeof row.default === "function") return "(depends on the machine)";
  return describeValue({ row, value: row.default });
}

const inWords = (value: unknown): string => (Array.isArray(value) ? value.join(",") : String(value));
