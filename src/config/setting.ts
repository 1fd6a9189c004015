/**
 * A setting is one row: its name in the environment, its form, its default, and a sentence for people.
 *
 * Every system that can be set declares its rows in its own `settings.ts`; `read.ts` gives their values, `describe.ts` gives
 * them to help and documents. Nothing else knows a name or a default.
 * Reference: gunicorn.config.Setting.
 */
import type { Parser } from "./parser.ts";

/** The facts of the machine and terminal that a default may depend on. */
export interface Machine {
  /** Cores that this process may use. */
  readonly cores: number;
  /** Standard output is a terminal. */
  readonly isTerminal: boolean;
}

export interface Setting<T> {
  /** Name of the environment variable. */
  readonly name: string;
  /** Used when nothing else is said; a setting without a default must be set. */
  readonly default?: NoInfer<T> | ((machine: Machine) => NoInfer<T>);
  /** The default in words, where it depends on the machine. */
  readonly defaultText?: string;
  readonly parse: Parser<T>;
  /** Unit of the value: `seconds`, `bytes`. */
  readonly unit?: string;
  /** Name of the command line flag, without its dashes. */
  readonly flag?: string;
  /** The value never appears in a message, table or log. */
  readonly secret?: true;
  readonly description: string;
}

/** Rows by the name that code and app file use; `T` holds the values they give. */
export type Settings<T> = { readonly [Key in keyof T]: Setting<T[Key]> };

/** The values that rows give. */
export type ValuesOf<Rows> = { readonly [Key in keyof Rows]: Rows[Key] extends Setting<infer T> ? T : never };

/**
 * Declares settings; the type of each value is the one its parser returns.
 *
 * @throws TypeError  two rows share a name or a flag
 * @example
 * const settings = defineSettings({
 *   port: { name: "PORT", default: 8000, parse: integer({ min: 0, max: 65535 }), flag: "port", description: "TCP port." },
 * });
 */
export function defineSettings<T extends object>(rows: Settings<T>): Settings<T> {
  const taken = new Set<string>();
  for (const row of Object.values<Setting<unknown>>(rows)) {
    for (const name of [row.name, ...(row.flag === undefined ? [] : [`--${row.flag}`])]) {
      if (taken.has(name)) throw new TypeError(`two settings are called ${name}`);
      taken.add(name);
    }
    Object.freeze(row);
  }
  return Object.freeze(rows);
}
