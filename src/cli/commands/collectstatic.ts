/** `drf-auth collectstatic`: collects static files, hashed and compressed; `serve` does it by itself. */
import { httpSettings } from "../../http/index.ts";
import { defineCommand } from "../command.ts";
import { appFlag, projectOf } from "../project.ts";

export const collectstatic = defineCommand({
  name: "collectstatic",
  summary: "Collect static files, hashed and compressed, into STATIC_ROOT",
  flags: {
    app: appFlag,
    json: { type: "boolean", description: "Print JSON." },
  },
  settings: httpSettings,
  examples: ["drf-auth collectstatic", "drf-auth collectstatic --static-dir assets --static-root /srv/static"],
  async run(context) {
    const project = await projectOf(context);
    const result = await project.collectStatic();
    if (context.flags.json) {
      context.print(JSON.stringify({ directory: project.staticRoot, ...result }));
      return;
    }
    const { copied, unmodified, hashed, compressed } = result;
    context.print(
      `${copied} copied, ${unmodified} unmodified, ${hashed} hashed, ${compressed} compressed in ${project.staticRoot}`,
    );
  },
});
