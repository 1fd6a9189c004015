/** `drf-auth collectstatic`: collects static files, hashed and compressed; `serve` does it by itself. */
import { staticSettings } from "../../static/index.ts";
import { defineCommand } from "../command.ts";
import { createProgress } from "../progress.ts";
import { appFlag, projectOf } from "../project.ts";

export const collectstatic = defineCommand({
  name: "collectstatic",
  summary: "Collect static files, hashed and compressed, into STATIC_ROOT",
  flags: {
    app: appFlag,
    json: { type: "boolean", description: "Print JSON." },
  },
  settings: staticSettings,
  examples: ["drf-auth collectstatic", "drf-auth collectstatic --static-dirs assets --static-root /srv/static"],
  async run(context) {
    const project = await projectOf(context);
    const progress = createProgress(process.stderr, "files");
    const result = await project.collectStatic(progress.update).finally(progress.end);
    if (context.flags.json) {
      context.print(JSON.stringify({ directory: project.staticRoot, ...result }));
      return;
    }
    const { copied, unmodified, hashed, compressed, uploaded } = result;
    const sent = uploaded === undefined ? "" : `; ${uploaded} uploaded`;
    context.print(
      `${copied} copied, ${unmodified} unmodified, ${hashed} hashed, ${compressed} compressed in ${project.staticRoot}${sent}`,
    );
  },
});
