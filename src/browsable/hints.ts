/** What is said about a field below its control. */
import type { Field } from "../model/index.ts";
import { targetOf } from "./values.ts";

/** Its own help, or how it is written. */
export function hintOf(field: Field): string | undefined {
  const { kind, options } = field;
  if (options.help !== undefined) return options.help;
  if (kind === "datetime") return "In UTC.";
  if (kind === "duration") return "Days, hours, minutes and seconds, such as 1 02:30:00.";
  if (kind === "foreignKey") return `The key of a row of "${nameOf(field)}".`;
  if (kind === "manyToMany") return `Keys of rows of "${nameOf(field)}", separated by commas.`;
  if (kind === "list") return "One item a line.";
  return kind === "json" ? "Any JSON value." : undefined;
}

/** The model that a relation leads to, in people's words. */
const nameOf = (field: Field): string => targetOf(field)?.split(".").at(-1)?.replaceAll("_", " ") ?? "";
