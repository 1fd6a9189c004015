/**
 * Made-up files, and the form that a body is sent as which holds one: JSON carries none.
 * Reference: rest_framework.utils.html (how a form spells lists and objects).
 */
import type { Field, FieldMap, OptionsOf } from "../model/index.ts";
import type { Sent } from "./client.ts";

/** The first bytes of a PNG, by which an image is known. */
const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** A file that a field takes. */
export function sampleFile({ image, extensions }: OptionsOf["file"], n: number): File {
  const end = extensions?.[0] ?? (image ? "png" : "txt");
  return new File([image ? png : "sample"], `sample-${n}.${end}`);
}

/** How a body is sent: as JSON, or as a form where it holds a file. */
export function sentAs(body: Readonly<Record<string, unknown>>, fields: FieldMap): Pick<Sent, "json" | "body"> {
  if (!Object.values(body).some((value) => value instanceof File)) return { json: body };
  const form = new FormData();
  for (const [name, value] of pairsOf(body, fields)) form.append(name, value);
  return { body: form };
}

type Pair = readonly [name: string, value: string | File];

const pairsOf = (body: object, fields: FieldMap, prefix = ""): Pair[] =>
  Object.entries(body).flatMap(([name, value]) => spell(prefix + name, value, fields[name]));

function spell(name: string, value: unknown, field: Field | undefined): Pair[] {
  if (value === null || value === undefined) return [];
  if (value instanceof File) return [[name, value]];
  if (field?.kind === "json") return [[name, JSON.stringify(value)]];
  if (typeof value !== "object") return [[name, String(value)]];
  const inner = field && "of" in field.options ? (field.options.of as Field | undefined) : undefined;
  if (!Array.isArray(value)) return pairsOf(value, fieldsOf(field), `${name}.`);
  return value.flatMap((item: unknown, i) =>
    typeof item === "object" && item !== null
      ? pairsOf(item, fieldsOf(inner), `${name}[${i}]`)
      : spell(name, item, inner),
  );
}

const fieldsOf = (field: Field | undefined): FieldMap =>
  field && "fields" in field.options ? (field.options.fields as FieldMap) : {};
