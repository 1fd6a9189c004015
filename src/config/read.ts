/**
 * The values of settings: default, then the app file, then the environment, then flags; the last one that speaks wins.
 *
 * Called once at start by app and commands. Everything that is wrong is reported in one error, so that a deployment is
 * corrected in one go. Files such as `.env` are not read: `node --env-file` and every container engine do that.
 * Reference: gunicorn.app.base.BaseApplication.load_config (the same order).
 */
import { ConfigurationError } from "../errors.ts";
import { countCores } from "./cores.ts";
import { findNearest, suggest } from "./nearest.ts";
import type { Machine, Setting, Settings } from "./setting.ts";

/** Where a value came from. */
export type Source = "default" | "app file" | "environment" | "flag";

export interface Sources {
  /** Variables by name, as `process.env` has them. An empty one is a value like any other. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Flags by name without dashes. */
  readonly flags?: Readonly<Record<string, string | undefined>>;
  /** The `settings` of the app file, by key. */
  readonly defaults?: Readonly<Record<string, unknown>>;
  /** What machine-dependent defaults look at (default: the present one). */
  readonly machine?: Machine;
}

/** One setting with the value it has and where that came from. */
export interface Resolved {
  readonly key: string;
  readonly row: Setting<unknown>;
  readonly value: unknown;
  readonly source: Source;
}

/** Variables with this prefix are surely meant for us, so an unknown one is an error. */
const ownPrefix = "DRF_AUTH_";

/** Variables with this prefix may be another program's too, so one is an error only where it is nearly one of ours. */
const sharedPrefix = "JWT_";

/**
 * Reads the values of settings.
 *
 * @returns frozen values by key
 * @throws ConfigurationError  names every value that has not the expected form, every setting that is missing and every
 * unknown name, with its source and without the value of a secret
 * @example
 * const { port } = readSettings(serverSettings, { environment: process.env, flags: { port: "9000" } });
 */
export function readSettings<T extends object>(rows: Settings<T>, sources: Sources): Readonly<T> {
  const values = resolveSettings(rows, sources).map(({ key, value }) => [key, value]);
  return Object.freeze(Object.fromEntries(values)) as Readonly<T>;
}

/** As `readSettings`, with the source of each value: what the `settings` command shows. */
export function resolveSettings<T extends object>(rows: Settings<T>, sources: Sources): readonly Resolved[] {
  const entries = Object.entries<Setting<unknown>>(rows);
  const problems = findUnknown(entries, sources);
  const { machine = thisMachine() } = sources;
  const resolved = entries.flatMap(([key, row]): Resolved[] => {
    const given = findGiven(key, row, sources);
    if (given !== undefined) {
      const value = row.parse.read(given.value);
      if (value !== undefined) return [{ key, row, value, source: given.source }];
      problems.push(new ConfigurationError(placeOf(row, given), `expected ${row.parse.expected}`));
      return [];
    }
    if ("default" in row) {
      const value = typeof row.default === "function" ? row.default(machine) : row.default;
      return [{ key, row, value, source: "default" }];
    }
    problems.push(new ConfigurationError(row.name, `must be set; expected ${row.parse.expected}`));
    return [];
  });
  const [first, ...others] = problems;
  if (first === undefined) return resolved;
  if (others.length === 0) throw first;
  const lines = problems.map((problem) => `\n  ${problem.message}`).join("");
  throw new ConfigurationError(`${problems.length} settings are wrong`, lines.trimStart());
}

/** A value that someone gave, the name it was given under, and where. */
interface Given {
  readonly value: unknown;
  readonly name: string;
  readonly source: Source;
}

function findGiven(
  key: string,
  row: Setting<unknown>,
  { environment, flags = {}, defaults = {} }: Sources,
): Given | undefined {
  const candidates: Given[] = [
    ...(row.flag === undefined ? [] : [{ value: flags[row.flag], name: `--${row.flag}`, source: "flag" } as const]),
    { value: environment[row.name], name: row.name, source: "environment" },
    { value: defaults[key], name: key, source: "app file" },
  ];
  return candidates.find((given) => given.value !== undefined);
}

function placeOf(row: Setting<unknown>, { name, value, source }: Given): string {
  if (row.secret) return `${name} (${source})`;
  const shown = JSON.stringify(value) ?? String(value);
  return `${name}=${shown.length > 200 ? `${shown.slice(0, 200)}…` : shown} (${source})`;
}

function findUnknown(
  entries: readonly (readonly [string, Setting<unknown>])[],
  sources: Sources,
): ConfigurationError[] {
  const keys = entries.map(([key]) => key);
  const names = entries.map(([, row]) => row.name);
  const flags = entries.flatMap(([, row]) => row.flag ?? []);
  const unknown = (place: string, name: string, known: readonly string[]) =>
    new ConfigurationError(place, `is not a setting${suggest(name, known)}`);
  return [
    ...Object.keys(sources.flags ?? {})
      .filter((flag) => !flags.includes(flag))
      .map((flag) =>
        unknown(
          `--${flag} (flag)`,
          `--${flag}`,
          flags.map((known) => `--${known}`),
        ),
      ),
    ...Object.keys(sources.environment)
      .filter((name) => name.startsWith(ownPrefix) && !names.includes(name))
      .map((name) => {
        const bare = name.slice(ownPrefix.length);
        return unknown(`${name} (environment)`, suggest(bare, names) ? bare : name, names);
      }),
    ...Object.keys(sources.environment)
      .filter((name) => name.startsWith(sharedPrefix) && !names.includes(name))
      .filter((name) => findNearest(name, names)?.startsWith(sharedPrefix))
      .map((name) => unknown(`${name} (environment)`, name, names)),
    ...Object.keys(sources.defaults ?? {})
      .filter((key) => !keys.includes(key))
      .map((key) => unknown(`${key} (app file)`, key, keys)),
  ];
}

function thisMachine(): Machine {
  return { cores: countCores(), isTerminal: process.stdout.isTTY === true };
}
