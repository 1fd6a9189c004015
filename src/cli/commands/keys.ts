/** `drf-auth keys`: the key set that tokens are signed with, made, rotated and shown. */
import {
  type FileKey,
  jwksMaxAge,
  jwtAlgorithms,
  newFileKey,
  readKeyFile,
  rotateKeys,
  stateOf,
  writeKeyFile,
} from "../../auth/index.ts";
import { secondsOrDuration } from "../../config/index.ts";
import { ConfigurationError } from "../../errors.ts";
import { projectSettings } from "../../project/index.ts";
import { defineCommand, UsageError } from "../command.ts";
import { appFlag, projectOf } from "../project.ts";
import { toColumns } from "../style.ts";

/** Workers look at the file once a second; a key that signed before they did would be refused. */
const leastDelay = 5;
const defaultDelay = 600;
const time = secondsOrDuration({ min: leastDelay });

const isoTime = (seconds: number | undefined): string | null =>
  seconds === undefined ? null : new Date(seconds * 1000).toISOString();

export const keys = defineCommand({
  name: "keys",
  summary: "Make, rotate or show the key set of JWT_KEYS_FILE, which signs tokens",
  arguments: ["<generate|rotate|list>"],
  flags: {
    app: appFlag,
    alg: {
      type: "string",
      value: "ALG",
      description: "Algorithm of the new key (default: ES256, or that of the key that signs now).",
    },
    "activate-in": {
      type: "string",
      value: "TIME",
      description: `Time until a new key signs, in which every machine must get the file (default: 10m, at least ${leastDelay}s).`,
    },
    json: { type: "boolean", description: "Print JSON." },
  },
  settings: { keysFile: projectSettings.keysFile },
  examples: [
    "drf-auth keys generate --keys-file keys.json",
    "drf-auth keys rotate --keys-file keys.json --activate-in 1h",
    "drf-auth keys list --keys-file keys.json --json",
  ],
  async run(context) {
    const { flags, print, say, style } = context;
    const [asked = ""] = context.arguments;
    if (!["generate", "rotate", "list"].includes(asked))
      throw new UsageError(`expected generate, rotate or list, got "${asked}"`);
    const algorithm = jwtAlgorithms.find((known) => known === flags.alg);
    if (flags.alg !== undefined && algorithm === undefined)
      throw new UsageError(`--alg: expected one of ${jwtAlgorithms.join(", ")}`);
    const delay = flags["activate-in"] === undefined ? defaultDelay : time.read(flags["activate-in"]);
    if (delay === undefined) throw new UsageError(`--activate-in: expected ${time.expected}`);
    const unread = asked === "list" ? ["alg", "activate-in"] : asked === "generate" ? ["activate-in"] : [];
    for (const flag of unread) if (flag in flags) throw new UsageError(`--${flag} has no meaning for ${asked}`);

    const { settings } = await projectOf(context);
    const { keysFile: file, leewaySeconds } = settings;
    if (file === "") throw new ConfigurationError("JWT_KEYS_FILE", "must be set, or given as --keys-file FILE");
    const now = Math.floor(Date.now() / 1000);
    let set: readonly FileKey[];
    if (asked === "list") set = readKeyFile(file);
    else if (asked === "generate") {
      set = [newFileKey(algorithm ?? "ES256", now)];
      writeKeyFile(file, set, true);
    } else {
      const longest = Math.max(
        settings.accessLifetimeSeconds,
        settings.refreshLifetimeSeconds,
        settings.slidingTokens ? settings.slidingLifetimeSeconds : 0,
      );
      set = rotateKeys(readKeyFile(file), { algorithm, now, delay, overlap: Math.ceil(longest + leewaySeconds) });
      writeKeyFile(file, set);
      if (delay < jwksMaxAge)
        say(`other servers may keep the public keys for ${jwksMaxAge} s; the new one signs in ${delay} s`);
    }
    const rows = set.map((key) => ({
      kid: key.kid,
      alg: key.algorithm,
      state: stateOf(key, set, now),
      created: isoTime(key.createdAt),
      active: isoTime(key.activeAt),
      retired: isoTime(key.retiredAt),
    }));
    if (flags.json) return void print(JSON.stringify(rows, null, 2));
    const lines = rows.map((row) => [row.kid, row.alg, row.state, row.active ?? "", row.retired ?? ""]);
    const [head = "", ...others] = toColumns([["KID", "ALG", "STATE", "SIGNS FROM", "VERIFIES UNTIL"], ...lines], "");
    print(style.bold(head));
    for (const line of others) print(line);
  },
});
