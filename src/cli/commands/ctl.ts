/**
 * `drf-auth ctl`: how a running server is, and what it shall do, over its control socket.
 *
 * The app file is not run, so that a server can be controlled whose new code does not start.
 * Reference: gunicornc, pumactl.
 */
import { readSettings } from "../../config/index.ts";
import { controlOf, findAppFile } from "../../project/index.ts";
import { processSettings, type Status } from "../../server/index.ts";
import { defineCommand, UsageError } from "../command.ts";
import { askServer } from "../control-client.ts";
import { appFlag } from "../project.ts";
import { toColumns } from "../style.ts";

const { controlSocket } = processSettings;
const settings = { controlSocket };
const actions = ["status", "reload", "scale", "reopen", "stop"] as const;

export const ctl = defineCommand({
  name: "ctl",
  summary: "Show how a running server is; reload, scale or stop it",
  arguments: [`<${actions.join("|")}>`, "[workers]"],
  flags: {
    app: appFlag,
    json: { type: "boolean", description: "Print JSON." },
    quick: { type: "boolean", description: "With stop: cut what is in flight." },
  },
  settings,
  examples: ["drf-auth ctl status", "drf-auth ctl reload", "drf-auth ctl scale 4", "drf-auth ctl stop --quick"],
  async run({ arguments: [action = "", count], flags, settingFlags, environment, print, say, style }) {
    const path = pathOf(readSettings(settings, { environment, flags: settingFlags }).controlSocket, flags.app);
    const status = await askServer(path, ...requestOf(action, count, flags.quick));
    if (flags.json) return void print(JSON.stringify(status, null, 2));
    if (action === "reload") say("Reloaded.");
    if (action === "stop") return void say("The server stops.");
    const [head = "", ...lines] = toColumns(rowsOf(status), "");
    for (const line of headOf(status)) print(line);
    print(style.bold(head));
    for (const line of lines) print(line);
  },
});

function pathOf(asked: string, app: string | undefined): string {
  if (asked === "off") throw new UsageError('CONTROL_SOCKET is "off"');
  return asked === "" ? (controlOf(findAppFile(app, process.cwd()), "")?.path ?? "") : asked;
}

function requestOf(action: string, count: string | undefined, isQuick = false): [what: string, body?: unknown] {
  if (count !== undefined && action !== "scale") throw new UsageError(`"${count}" is one argument too many`);
  switch (action) {
    case "status":
      return ["GET /status"];
    case "reload":
    case "reopen":
      return [`POST /${action}`, {}];
    case "stop":
      return ["POST /stop", { isQuick }];
    case "scale":
      if (count === undefined || !/^\d+$/.test(count)) throw new UsageError("expected a number, as in ctl scale 4");
      return ["POST /scale", { workers: Number(count) }];
    default:
      throw new UsageError(`expected ${actions.join(", ")}, got "${action}"`);
  }
}

function headOf({ pid, phase, url, uptimeSeconds, workers, workersWanted, memoryBytes, ...both }: Status): string[] {
  const ready = workers.filter(({ state }) => state === "ready").length;
  return [
    `server ${pid}: ${phase}${url === null ? "" : ` at ${url}`}, up ${duration(uptimeSeconds)}, ${megabytes(memoryBytes)}`,
    `${ready} of ${workersWanted} workers ready`,
    ...(both.predecessor === null ? [] : [`follows server ${both.predecessor}`]),
    ...(both.successor === null ? [] : [`followed by server ${both.successor}`]),
  ];
}

const rowsOf = ({ workers }: Status): readonly (readonly string[])[] => [
  ["WORKER", "STATE", "UP", "REQUESTS", "IN FLIGHT", "MEMORY", "LOOP DELAY"],
  ...workers.map(({ pid, state, uptimeSeconds, requests, inFlight, memoryBytes, delayMilliseconds }) => [
    ...[String(pid), state, duration(uptimeSeconds), String(requests), String(inFlight)],
    ...[megabytes(memoryBytes), `${delayMilliseconds} ms`],
  ]),
];

const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`;

/** `42s`, `17m`, `5h 3m`, `12d 4h`. */
function duration(seconds: number): string {
  const [minutes, hours, days] = [Math.floor(seconds / 60), Math.floor(seconds / 3600), Math.floor(seconds / 86_400)];
  if (days > 0) return `${days}d ${hours % 24}h`;
  if (hours > 0) return `${hours}h ${minutes % 60}m`;
  return minutes > 0 ? `${minutes}m` : `${Math.floor(seconds)}s`;
}
