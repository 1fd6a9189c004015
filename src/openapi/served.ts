/** The document as it is sent: built when somebody first asks for it, and written once in each form. */
import { etagOf } from "../resource/index.ts";
import type { Api } from "./build.ts";
import type { Document } from "./document.ts";
import type { ReadyText } from "./text-answer.ts";

export type Form = "json" | "yaml";

export interface ServedDocument {
  document(): Promise<Document>;
  in(form: Form): Promise<ReadyText>;
}

/** What makes the document is loaded with the first request for it; a fault of it is not kept. */
export function servedDocument(api: Api): ServedDocument {
  let built: Promise<Document> | undefined;
  const forms = new Map<Form, ReadyText>();
  const document = (): Promise<Document> => {
    built ??= import("./build.ts")
      .then(({ buildDocument }) => buildDocument(api))
      .catch((error: unknown) => {
        built = undefined;
        throw error;
      });
    return built;
  };
  return {
    document,
    async in(form) {
      const known = forms.get(form);
      if (known) return known;
      const text = await written(await document(), form);
      const served = { text, etag: etagOf(text) };
      forms.set(form, served);
      return served;
    },
  };
}

/**
 * The text of a document.
 * @param indent  of JSON that people read
 */
export async function written(document: Document, form: Form, indent?: number): Promise<string> {
  if (form === "json") return `${JSON.stringify(document, undefined, indent)}\n`;
  const { toYaml } = await import("./yaml.ts");
  return toYaml(document);
}
