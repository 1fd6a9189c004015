/**
 * The settings of the primary, as a reload finds them: a worker of the new code tells what it has read.
 *
 * The primary has run the app file once and cannot run it again, so it reads nothing anew itself.
 * Reference: gunicorn.arbiter.Arbiter.reload. Differs: sockets and files that were made before the server became another user stay.
 */
import { type ServerSettings, serverSettings } from "./settings.ts";

/** What only a start can change. */
const lasting = ["host", "port", "unixSocket", "pidFile", "controlSocket", "runAsUser", "runAsGroup", "umask"] as const;

export interface PrimarySettings
  extends Pick<ServerSettings, "workers" | "workerTimeoutSeconds" | "gracefulTimeoutSeconds" | "stopDelaySeconds">,
    Pick<ServerSettings, "logFile" | "logLevel" | "logFormat"> {
  /** The lasting ones by their variables, as texts. */
  readonly lasting: Readonly<Record<string, string>>;
}

/** Those of the primary, as they are told in a message. */
export function primarySettingsOf(settings: ServerSettings): PrimarySettings {
  const { workers, workerTimeoutSeconds, gracefulTimeoutSeconds, stopDelaySeconds } = settings;
  const { logFile, logLevel, logFormat } = settings;
  return {
    ...{ workers, workerTimeoutSeconds, gracefulTimeoutSeconds, stopDelaySeconds, logFile, logLevel, logFormat },
    lasting: Object.fromEntries(lasting.map((name) => [serverSettings[name].name, String(settings[name] ?? "")])),
  };
}

/** The variables that a reload found changed and that it cannot change. */
export const changedInVain = (started: PrimarySettings, found: PrimarySettings): readonly string[] =>
  Object.keys(started.lasting).filter((name) => started.lasting[name] !== found.lasting[name]);
