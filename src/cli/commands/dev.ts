/**
 * `drf-auth dev`: one process that starts again whenever a file that it loaded changes.
 *
 * Node watches the files (`node --watch`), so what is watched is what is imported, wherever it lies; `dev-server.ts` does the work.
 * Reference: `runserver` of Django. Differs: migrations are made and applied as well.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { findAppFile, projectSettings, siblingOf } from "../../project/index.ts";
import { onSignals } from "../../server/index.ts";
import { defineCommand, exit } from "../command.ts";
import type { DevTask } from "../dev-server.ts";
import { appFlag } from "../project.ts";

export const dev = defineCommand({
  name: "dev",
  summary: "Serve while you write: migrates by itself, and starts again on changes",
  flags: { app: appFlag },
  settings: projectSettings,
  examples: ["drf-auth dev", "drf-auth dev --port 9000"],
  async run({ flags, settingFlags }) {
    const task: DevTask = { file: findAppFile(flags.app, process.cwd()), flags: settingFlags };
    const server = siblingOf(import.meta.url, "../dev-server");
    const words = [...process.execArgv, "--watch", "--watch-preserve-output", server, JSON.stringify(task)];
    const child = spawn(process.execPath, words, { stdio: "inherit" });
    const stop = (): void => void child.kill("SIGTERM");
    const release = onSignals({ SIGTERM: stop, SIGINT: stop });
    await once(child, "exit");
    release();
    return exit.ok;
  },
});
