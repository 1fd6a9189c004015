/** An app with file fields, and what its tests need to send files and to look at the folder that they are kept in. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineApp } from "../../src/app/index.ts";
import { field, model } from "../../src/model/index.ts";
import { download, endpoint, permission, resource, scope } from "../../src/resource/index.ts";
import { startTestApp, type TestAppOptions } from "../app.ts";
import type { TestDatabase } from "../databases.ts";

export const Document = model("document", {
  fields: {
    title: field.text({ maxLength: 40, unique: true }),
    file: field.file({ uploadTo: "docs", maxBytes: 1_000_000, extensions: ["txt", "pdf", "html"] }),
    cover: field.image({ uploadTo: "covers/%Y", null: true, removeOld: true }),
    anything: field.file({ blank: true }),
    owner: field.owner(),
  },
});

const Contract = model("contract", {
  fields: {
    paper: field.file({ uploadTo: ".contracts", writeOnly: true }),
    owner: field.owner(),
  },
});

const Shelf = model("shelf", {
  fields: { document: field.foreignKey(Document), scan: field.file({ uploadTo: "scans" }) },
});

export const app = defineApp({
  resources: {
    documents: resource(Document, {
      permissions: [permission.authenticatedOrReadOnly(), permission.ownerOrReadOnly("owner")],
      idempotencyKey: "optional",
      bulk: true,
      hooks: {
        async postSave({ row }) {
          if (row.title === "refused after all") throw new Error("a rule of the shop");
        },
      },
      actions: {
        attach: {
          method: "POST",
          on: "detail",
          input: { file: field.file({ uploadTo: "attached" }), fails: field.boolean({ default: false }) },
          async run({ input, update }) {
            if (input.fails) throw new Error("it failed");
            return update({ anything: input.file });
          },
        },
      },
    }),
    contracts: resource(Contract, {
      scope: scope.owner("owner"),
      actions: {
        paper: { method: "GET", on: "detail", output: field.file(), run: ({ object }) => download(object.paper) },
      },
    }),
    shelves: resource(Shelf, {
      extra: { paper: field.nested({ source: "document", fields: { file: field.file() } }) },
    }),
    spines: resource(Shelf, {
      extra: { label: field.computed(({ document }: { document: number }) => `document ${document}`) },
      expand: { document: { fields: { title: Document.fields.title, file: Document.fields.file } } },
      filter: { document: ["exact"] },
      only: ["list", "retrieve"],
    }),
  },
  endpoints: {
    measure: endpoint({
      permissions: [],
      methods: { POST: { input: { file: field.file() }, run: ({ input }) => ({ path: input.file }) } },
    }),
  },
});

/** The app with a folder of its own for files. */
export async function startDocuments(test: TestDatabase, { settings, ...options }: TestAppOptions = {}) {
  const mediaRoot = await mkdtemp(join(tmpdir(), "uploads-"));
  const started = await startTestApp(app, test, { ...options, settings: { mediaRoot, ...settings } });
  return {
    ...started,
    mediaRoot,
    /** Every file in the folder, temporary ones among them. */
    async files(): Promise<string[]> {
      const found = await readdir(mediaRoot, { recursive: true, withFileTypes: true });
      const paths = found.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
      return paths.map((path) => path.slice(mediaRoot.length + 1)).sort();
    },
    async stop() {
      await started.stop();
      await rm(mediaRoot, { recursive: true, force: true });
    },
  };
}

/** A form of texts and files: `{ file: ["name.txt", "content"] }`. */
export function formOf(
  values: Readonly<Record<string, string | readonly [name: string, content: string | Uint8Array<ArrayBuffer>]>>,
): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === "string") form.append(name, value);
    else form.append(name, new Blob([value[1]]), value[0]);
  }
  return form;
}

/** The least of an image, by its first bytes. */
export const png = new Uint8Array(Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"));
