/** Which components a document refers to, from its paths on; the others are nobody's. */
import type { Document } from "./document.ts";

type Components = Document["components"];

/** The document without components that nothing refers to. */
export function withUsedComponents(document: Document): Document {
  const { components } = document;
  const used = new Set<string>();
  const visit = (part: unknown): void => {
    if (Array.isArray(part)) part.forEach(visit);
    if (typeof part !== "object" || part === null || Array.isArray(part)) return;
    for (const [key, value] of Object.entries(part)) {
      if (key !== "$ref" || typeof value !== "string") visit(value);
      else if (!used.has(value)) {
        used.add(value);
        const [kind = "", name = ""] = value.split("/").slice(2);
        visit(components[kind as keyof Components]?.[name]);
      }
    }
  };
  visit(document.paths);
  const usedOf = <T>(kind: keyof Components, all: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(all).filter(([name]) => used.has(`#/components/${kind}/${name}`)));
  const { schemas, responses, parameters, headers, securitySchemes } = components;
  return {
    ...document,
    components: {
      schemas: usedOf("schemas", schemas),
      responses: usedOf("responses", responses),
      parameters: usedOf("parameters", parameters),
      headers: usedOf("headers", headers),
      securitySchemes,
    },
  };
}
