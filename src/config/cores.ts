/**
 * How many cores this process may use: those of its affinity, and no more than its container is given time for.
 *
 * The limit of a container (`docker run --cpus`, a Kubernetes `limits.cpu`) is a quota of time, which `os.availableParallelism()`
 * does not see in every hierarchy of control groups. A part of a core counts as one, as Go and the JVM do.
 * Reference: cgroups(7), cpu.max of version 2, cpu.cfs_quota_us of version 1.
 */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";

/** @param root  where `/proc` and `/sys` are (default `/`) */
export function countCores(root = "/", available = availableParallelism()): number {
  return Math.max(1, Math.min(available, Math.ceil(quotaOf(root))));
}

/** Cores' worth of time; Infinity without a limit. */
function quotaOf(root: string): number {
  const groups = read(join(root, "proc/self/cgroup")) ?? "";
  const quotas = groups.split("\n").flatMap((line) => {
    const [, controllers = "", path = ""] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === "") return upwards(path).map((each) => quotaOfV2(join(root, "sys/fs/cgroup", each)));
    if (!controllers.split(",").includes("cpu")) return [];
    return ["cpu", controllers].flatMap((mount) =>
      upwards(path).map((each) => quotaOfV1(join(root, "sys/fs/cgroup", mount, each))),
    );
  });
  return Math.min(...quotas, Infinity);
}

/** A group and all those it is in; within a container its path is that of the host, of which only the top can be seen. */
function upwards(path: string): readonly string[] {
  return path === "/" || path === "" || path === "." ? ["/"] : [path, ...upwards(dirname(path))];
}

function quotaOfV2(group: string): number {
  const [quota, period] = read(join(group, "cpu.max"))?.split(" ") ?? [];
  return ratio(quota, period);
}

function quotaOfV1(group: string): number {
  return ratio(read(join(group, "cpu.cfs_quota_us")), read(join(group, "cpu.cfs_period_us")));
}

/** `max` and -1 are no limit. */
function ratio(quota: string | undefined, period: string | undefined): number {
  const cores = Number(quota) / Number(period);
  return cores > 0 ? cores : Infinity;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return undefined;
  }
}
