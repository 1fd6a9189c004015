/** What lets somebody in who should not be: secrets, their files, a debugger, root. Reference: security.W009, W025 of Django. */
import { statSync } from "node:fs";
import { dirname, join } from "node:path";
import { sqlitePath } from "../../db/index.ts";
import { newSecretRecipe, weakSecrets } from "../secret-strength.ts";
import type { ProjectSettings } from "../settings.ts";
import { type DeployCheck, say } from "./check.ts";

export const secretsChecks: readonly DeployCheck[] = [
  {
    id: "secret.weak",
    isError: true,
    find: ({ settings }) =>
      weakSecrets(settings).map(({ name, weakness }) => say(name, weakness, `make a new one: ${newSecretRecipe}`)),
  },
  {
    id: "secret.missing",
    isError: true,
    find: ({ settings: { secretKey, databaseUrl } }) =>
      secretKey === "" &&
      sqlitePath(databaseUrl) === undefined &&
      say("SECRET_KEY", "is not set, and several machines must have the same", `make one: ${newSecretRecipe}`),
  },
  {
    id: "secret.readable",
    find: ({ settings, file }) =>
      secretFiles(settings, file)
        .filter((path) => isReadableByOthers(path))
        .map((path) => say(path, "other users of the machine can read it", `chmod 600 ${path}`)),
  },
  {
    id: "debugger",
    find: ({ nodeOptions }) =>
      /--inspect\b|--inspect-brk|--inspect=/.test(nodeOptions) &&
      say("node --inspect", "whoever reaches the debugger's port runs code in the server", "leave it out"),
  },
  {
    id: "user.root",
    find: ({ settings: { runAsUser }, userId }) =>
      userId === 0 &&
      runAsUser === "" &&
      say("root", "whoever breaks into the server has the machine", "RUN_AS_USER, or a user of the service's own"),
  },
];

function secretFiles(
  { databaseUrl, keysFile, signingKeyFile, tlsKeyFile }: ProjectSettings,
  file: string,
): readonly string[] {
  const path = sqlitePath(databaseUrl);
  const made = path === undefined ? [] : [join(path === ":memory:" ? dirname(file) : dirname(path), ".secret-key")];
  return [...made, keysFile, signingKeyFile, tlsKeyFile].filter((each) => each !== "");
}

function isReadableByOthers(path: string): boolean {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
  return (mode & 0o044) !== 0;
}
