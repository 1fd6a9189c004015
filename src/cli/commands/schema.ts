/** `drf-auth schema`: the OpenAPI document of the app, and whether a file still is that document. */
import { readFile } from "node:fs/promises";
import { ConfigurationError } from "../../errors.ts";
import { type Form, written } from "../../openapi/index.ts";
import { defineCommand, exit, UsageError } from "../command.ts";
import { withDeclared } from "../declared-app.ts";
import { lineDiff } from "../line-diff.ts";
import { writingTo } from "../output-file.ts";
import { appFlag, projectOf } from "../project.ts";

const INDENT = 2;
/** Longer lists of differences are cut. */
const SHOWN = 60;

export const schema = defineCommand({
  name: "schema",
  summary: "Write the OpenAPI document of the API, or check that a file still is that document",
  flags: {
    app: appFlag,
    format: {
      type: "string",
      value: "FORMAT",
      description: "json or yaml (default: as the file is called, else json).",
    },
    file: { type: "string", value: "FILE", description: "Write to a file (default: standard output)." },
    check: {
      type: "string",
      value: "FILE",
      description: "Write nothing; fail and say what differs where the file is another document.",
    },
  },
  examples: [
    "drf-auth schema --format yaml",
    "drf-auth schema --file openapi.json",
    "drf-auth schema --check openapi.json",
  ],
  async run(context) {
    const { file, check, format } = context.flags;
    if (file !== undefined && check !== undefined) throw new UsageError("expected --file or --check, not both");
    const form = formOf(format, file ?? check);
    const project = await projectOf(context);
    const text = await withDeclared(project, async (running) => written(await running.schema.document(), form, INDENT));
    if (check === undefined) {
      await writingTo(file, (write) => write(text), 0o644);
      return exit.ok;
    }
    const kept = await readKept(check, form);
    if (kept === text) {
      context.say(`${check} is the document of this app`);
      return exit.ok;
    }
    const lines = lineDiff(kept, text);
    for (const line of lines.slice(0, SHOWN)) context.print(line);
    if (lines.length > SHOWN) context.say(`and ${lines.length - SHOWN} lines more`);
    context.say(`${check} is not the document of this app; "drf-auth schema --file ${check}" writes it anew`);
    return exit.failed;
  },
});

function formOf(format: string | undefined, file: string | undefined): Form {
  if (format === "json" || format === "yaml") return format;
  if (format !== undefined) throw new UsageError(`--format: expected json or yaml, got "${format}"`);
  return file !== undefined && /\.ya?ml$/i.test(file) ? "yaml" : "json";
}

/** The text of a file, whatever ends its lines and however its JSON is indented. @throws ConfigurationError */
async function readKept(file: string, form: Form): Promise<string> {
  let text: string;
  try {
    text = (await readFile(file, "utf8")).replaceAll("\r\n", "\n");
  } catch (cause) {
    throw new ConfigurationError(file, "expected a file that can be read", { cause });
  }
  if (form === "yaml") return text;
  try {
    return `${JSON.stringify(JSON.parse(text), undefined, INDENT)}\n`;
  } catch {
    return text;
  }
}
