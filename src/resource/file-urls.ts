/**
 * What a client sees of a file: its URL, in place of the path in the column.
 *
 * Compiled from the fields that are shown, objects and lists of rows within them included; a path that is empty is null.
 * Reference: rest_framework.fields.FileField.to_representation (absolute with a request), django.utils.encoding.filepath_to_uri.
 */
import type { Field, FieldMap } from "../model/index.ts";
import type { Context } from "./context.ts";

/** Puts URLs into an object that was just made. */
export type AddUrls = (object: Record<string, unknown>, base: string) => void;

/** What the URLs of files begin with, for the client of this request. */
export function mediaBaseOf({ request, services }: Context): string {
  const url = services.media?.url ?? "/";
  return url.startsWith("/") ? request.absolute(url) : url;
}

/** Undefined where no file is shown. */
export function compileUrls(fields: FieldMap): AddUrls | undefined {
  const steps = Object.entries(fields).flatMap(([name, field]) => {
    const put = field.writeOnly ? undefined : compileField(field);
    return put ? [{ name, put }] : [];
  });
  if (steps.length === 0) return undefined;
  return (object, base) => {
    for (const { name, put } of steps) if (object[name] !== undefined) object[name] = put(object[name], base);
  };
}

type Put = (value: unknown, base: string) => unknown;

function compileField({ kind, options }: Field): Put | undefined {
  if (kind === "file") return (path, base) => (path ? base + encode(String(path)) : null);
  if ("fields" in options) return within(compileUrls(options.fields as FieldMap));
  const item = "of" in options && options.of ? compileField(options.of as Field) : undefined;
  return item && ((value, base) => (Array.isArray(value) ? value.map((one) => item(one, base)) : value));
}

const within = (add: AddUrls | undefined): Put | undefined =>
  add &&
  ((value, base) => {
    if (typeof value === "object" && value !== null) add(value as Record<string, unknown>, base);
    return value;
  });

/** A path as a URL writes it; the slashes stay. */
const encode = (path: string): string => path.split("/").map(encodeURIComponent).join("/");
