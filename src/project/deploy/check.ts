/** What a check for production is: one row, which looks at a deployment and tells what is wrong and what to do about it. */
import type { ProjectSettings } from "../settings.ts";

export interface Finding {
  /** Name of the check, e.g. `hosts.any`. */
  readonly id: string;
  readonly level: "error" | "warning";
  /** The setting or declaration. */
  readonly place: string;
  readonly problem: string;
  readonly remedy: string;
}

/** What the checks look at. */
export interface Deployment {
  readonly settings: ProjectSettings;
  /** The app file. */
  readonly file: string;
  /** People make accounts, and mails are sent. */
  readonly hasAccounts: boolean;
  /** Routes that somebody unknown may write to, e.g. `POST /api/v1/snacks/`. */
  readonly openWrites: readonly string[];
  readonly userId: number | undefined;
  /** Arguments of Node, and NODE_OPTIONS. */
  readonly nodeOptions: string;
  readonly cores?: number;
}

/** What a check found; undefined or false for nothing. */
export type Found = Omit<Finding, "id" | "level"> | undefined | false;

export interface DeployCheck {
  readonly id: string;
  /** `serve` does not start with it. */
  readonly isError?: true;
  readonly find: (deployment: Deployment) => Found | readonly Found[];
}

export const say = (place: string, problem: string, remedy: string): Found => ({ place, problem, remedy });

/** Seconds. */
export const day = 86_400;
/** Names and addresses of this machine. */
export const loopback: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]", "::1"]);
