/**
 * `staticfiles.json`: which hashed name each file was collected under.
 *
 * Written by `collect.ts`, read by `catalogue.ts` for links and to know which names never change their content.
 * Reference: django.contrib.staticfiles.storage.ManifestFilesMixin; version 1.0 is what Django 3.2 writes and every later
 * Django reads, 1.1 (with a hash of the whole) is accepted as well.
 */
import { ConfigurationError } from "../errors.ts";

/** Its name, at the top of the collected directory; a file of this name is never collected or served. */
export const manifestName = "staticfiles.json";

/** Hashed name by name. */
export type Manifest = ReadonlyMap<string, string>;

/** The bytes of the manifest, character for character as Python's `json.dumps` writes ASCII names. */
export function formatManifest(manifest: Manifest): Buffer {
  const paths = [...manifest].map(([name, hashed]) => `${JSON.stringify(name)}: ${JSON.stringify(hashed)}`);
  return Buffer.from(`{"paths": {${paths.join(", ")}}, "version": "1.0"}`);
}

/**
 * Reads a manifest.
 *
 * @param place  the path of the file, for the error
 * @throws ConfigurationError  it is not a manifest of version 1.0 or 1.1
 */
export function parseManifest(text: string, place: string): Manifest {
  let stored: unknown;
  try {
    stored = JSON.parse(text);
  } catch (cause) {
    throw new ConfigurationError(place, "expected JSON; run collectstatic again", { cause });
  }
  if (!isRecord(stored) || !isRecord(stored.paths) || (stored.version !== "1.0" && stored.version !== "1.1")) {
    throw new ConfigurationError(place, "expected a manifest of version 1.0 or 1.1; run collectstatic again");
  }
  const entries = Object.entries(stored.paths);
  return new Map(entries.flatMap(([name, hashed]) => (typeof hashed === "string" ? [[name, hashed]] : [])));
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
