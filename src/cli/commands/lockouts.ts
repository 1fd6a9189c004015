/** `drf-auth lockouts`: who is locked after wrong passwords, and until when. */
import { databaseSettings } from "../../db/index.ts";
import { defineCommand } from "../command.ts";
import { withLockouts } from "../lockouts.ts";
import { appFlag } from "../project.ts";
import { toColumns } from "../style.ts";

export const lockouts = defineCommand({
  name: "lockouts",
  summary: "Show who is locked after wrong passwords",
  flags: { app: appFlag, json: { type: "boolean", description: "Print JSON." } },
  settings: databaseSettings,
  examples: ["drf-auth lockouts", "drf-auth lockouts --json"],
  async run(context) {
    const { flags, print, say, style } = context;
    const locks = await withLockouts(context, ({ list }) => list());
    if (flags.json) return void print(JSON.stringify(locks, null, 2));
    if (locks.length === 0) return void say("Nobody is locked.");
    const rows = locks.map(({ username, nameDigest, address, failures, lockedUntil }) => [
      username ?? (nameDigest === null ? "everybody" : "no account"),
      address ?? "everywhere",
      String(failures),
      lockedUntil,
    ]);
    const [head = "", ...lines] = toColumns([["USER", "ADDRESS", "WRONG", "UNTIL"], ...rows], "");
    print(style.bold(head));
    for (const line of lines) print(line);
  },
});
