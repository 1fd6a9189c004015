/** SimpleJWT itself, where it is installed: `simplejwt.py` run by the system's Python. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const python = "/usr/bin/python3";

export const recordedAlgorithms = ["HS256", "HS384", "HS512", "RS256", "ES256"] as const;

export const hasSimpleJwt = (): boolean =>
  spawnSync(python, ["-c", "import rest_framework_simplejwt, cryptography"]).status === 0;

export interface Question {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly make?: { readonly user_id: unknown; readonly now?: number };
  readonly read?: readonly (readonly [kind: string, token: string])[];
}

/** Asks it to make tokens, or to read them. */
export function askSimpleJwt(question: Question): ReturnType<typeof JSON.parse> {
  const { status, stdout, stderr } = spawnSync(python, [join(import.meta.dirname, "simplejwt.py")], {
    input: JSON.stringify(question),
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
