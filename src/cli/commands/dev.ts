/**
 * `drf-auth dev`: one process that starts again whenever a file that it loaded changes.
 *
 * `restarter.ts` watches, `dev-server.ts` is what it starts.
 * Reference: `runserver` of Django. Differs: migrations are made and applied as well.
 */
import { dirname, join } from "node:path";
import { findAppFile, projectSettings, siblingOf } from "../../project/index.ts";
import { onSignals } from "../../server/index.ts";
import { defineCommand, exit } from "../command.ts";
import { appFlag } from "../project.ts";
import { startRestarter } from "../restarter.ts";

export const dev = defineCommand({
  name: "dev",
  summary: "Serve while you write: migrates by itself, and starts again on changes",
  flags: { app: appFlag },
  settings: projectSettings,
  examples: ["drf-auth dev", "drf-auth dev --port 9000"],
  async run({ flags, settingFlags, say, style }) {
    const file = findAppFile(flags.app, process.cwd());
    const restarter = startRestarter({
      script: siblingOf(import.meta.url, "../dev-server"),
      words: [file, JSON.stringify(settingFlags)],
      // Nobody else may write there, as in a folder for all users somebody might.
      compileCache: join(dirname(file), "node_modules/.cache/drf-auth"),
      onChange: (file) => say(style.dim(`${file} changed; starting again`)),
      onServing: (milliseconds) => say(style.dim(`reloaded in ${(milliseconds / 1000).toFixed(1)} s`)),
      onWaiting: () => say(style.dim("waiting for the next save; Ctrl-C ends it")),
    });
    const { stop } = restarter;
    const release = onSignals({ SIGTERM: stop, SIGINT: stop });
    await restarter.finished;
    release();
    return exit.ok;
  },
});
