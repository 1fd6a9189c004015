import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { countCores } from "../../src/config/cores.ts";
import { readSettings } from "../../src/config/index.ts";
import { serverSettings } from "../../src/server/index.ts";

/** A machine with eight cores, and these files. */
async function countOn(files: Readonly<Record<string, string>>): Promise<number> {
  const root = await mkdtemp(join(tmpdir(), "drf-auth-cores-"));
  try {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), `${text}\n`);
    }
    return countCores(root, 8);
  } finally {
    await rm(root, { recursive: true });
  }
}

const v2 = (path: string, files: Readonly<Record<string, string>>) =>
  countOn({ "proc/self/cgroup": `0::${path}`, ...files });

describe("the cores that a server may use", () => {
  it("are all of the machine, where no container limits it", async () => {
    assert.equal(await countOn({}), 8);
    assert.equal(await v2("/", { "sys/fs/cgroup/cpu.max": "max 100000" }), 8);
  });

  it("are no more than a container is given, and a part of one counts as one", async () => {
    const limit = (text: string) => v2("/", { "sys/fs/cgroup/cpu.max": text });
    assert.deepEqual(
      await Promise.all(["200000 100000", "150000 100000", "50000 100000", "1600000 100000"].map(limit)),
      [2, 2, 1, 8],
    );
  });

  it("are limited by every group above, too", async () => {
    const files = {
      "sys/fs/cgroup/pods.slice/cpu.max": "300000 100000",
      "sys/fs/cgroup/pods.slice/one/cpu.max": "max 100000",
    };
    assert.equal(await v2("/pods.slice/one", files), 3);
  });

  it("are limited by the first version of control groups, mounted alone or with another, seen from within", async () => {
    for (const [controllers, mount] of [
      ["cpu", "cpu"],
      ["cpu,cpuacct", "cpu,cpuacct"],
      ["cpuacct,cpu", "cpu"],
    ]) {
      const files = {
        "proc/self/cgroup": `3:memory:/docker/abc\n2:${controllers}:/docker/abc`,
        [`sys/fs/cgroup/${mount}/cpu.cfs_quota_us`]: "250000",
        [`sys/fs/cgroup/${mount}/cpu.cfs_period_us`]: "100000",
      };
      assert.equal(await countOn(files), 3, controllers);
    }
    const none = { "proc/self/cgroup": "2:cpu:/", "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1" };
    assert.equal(await countOn({ ...none, "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000" }), 8);
  });

  it("are the number of workers, unless WEB_CONCURRENCY says another", () => {
    const machine = { cores: 3, isTerminal: false };
    assert.equal(readSettings(serverSettings, { environment: {}, machine }).workers, 3);
    assert.equal(readSettings(serverSettings, { environment: { WEB_CONCURRENCY: "5" }, machine }).workers, 5);
  });
});
