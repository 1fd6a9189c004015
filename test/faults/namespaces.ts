/** Processes in namespaces of their own (Linux): with a small disk, or as process 1. */
import { spawnSync } from "node:child_process";

/** As root without more; others are root in a namespace of users of their own, where the system lets them. */
const unshare = ["unshare", ...(process.getuid?.() === 0 ? [] : ["--map-root-user"])];

function whyNot(within: readonly string[]): string | false {
  const [command = "", ...words] = [...within, "true"];
  return spawnSync(command, words).status === 0 ? false : `this system does not permit ${words.slice(0, -1).join(" ")}`;
}

/** A command that runs another one with a disk of so many kilobytes mounted over a folder; and another command done before. */
export const withDisk = (folder: string, kilobytes: number, before = "true"): readonly string[] => [
  ...[...unshare, "--mount", "sh", "-c"],
  ...[`mount -t tmpfs -o size=${kilobytes}k none "$0" && { ${before}; } && exec "$@"`, folder],
];

/** A command that runs another one as process 1. */
export const asProcessOne: readonly string[] = [...unshare, "--pid", "--fork", "--kill-child", "--mount-proc"];

/** The reason to skip a test that needs a disk of its own; false where there can be one. */
export const noDisk = (): string | false => whyNot(withDisk("/mnt", 16));

/** The reason to skip a test of process 1. */
export const noProcessOne = (): string | false => whyNot(asProcessOne);
