/** The files in deploy/ that name what the server has: they name nothing that it has not. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { instruments } from "../../src/server/instruments.ts";

const read = (name: string): string => readFileSync(join(import.meta.dirname, "../../deploy", name), "utf8");

describe("the dashboard", () => {
  const dashboard = read("grafana-dashboard.json");
  const named = new Set(dashboard.match(/drf_auth_[a-z_]+/g));
  const known = Object.entries(instruments).flatMap(([name, { type }]) =>
    type === "histogram" ? [`${name}_bucket`, name] : [name],
  );

  it("shows metrics that there are", () => {
    assert.deepEqual(
      [...named].filter((name) => !known.includes(name)),
      [],
    );
  });

  it("shows every one of them", () => {
    const shown = (name: string): boolean => [...named].some((each) => each.startsWith(name));
    assert.deepEqual(
      Object.keys(instruments).filter((name) => !shown(name)),
      [],
    );
  });

  it("has panels that do not lie on each other", () => {
    const { panels }: { panels: { gridPos: { x: number; y: number; w: number; h: number } }[] } = JSON.parse(dashboard);
    const cells = panels.flatMap(({ gridPos: { x, y, w } }) => Array.from({ length: w }, (_, i) => `${x + i},${y}`));
    assert.equal(new Set(cells).size, cells.length);
  });
});

const hasAnalyze = spawnSync("systemd-analyze", ["--version"]).status === 0;

describe("the unit of systemd", () => {
  it("is understood by systemd, with its socket", { skip: !hasAnalyze && "there is no systemd-analyze" }, (t) => {
    const folder = mkdtempSync(join(tmpdir(), "units-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const said = (unit: string): string => {
      // The program of the unit is not installed here, this one is.
      writeFileSync(join(folder, "drf-auth.service"), unit.replace(/^ExecStart=\S+/m, `ExecStart=${process.execPath}`));
      copyFileSync(join(import.meta.dirname, "../../deploy/drf-auth.socket"), join(folder, "drf-auth.socket"));
      const units = ["drf-auth.socket", "drf-auth.service"].map((name) => join(folder, name));
      const { stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", ...units], { encoding: "utf8" });
      // What it says of units of the machine is none of our business.
      return stderr
        .split("\n")
        .filter((line) => line.includes("drf-auth"))
        .join("\n");
    };
    assert.equal(said(read("drf-auth.service")), "");
    assert.match(said(read("drf-auth.service").replace("KillMode=mixed", "KillMode=all")), /KillMode|kill mode/i);
  });

  it("lets the tool of the manager speak, and signals the watching process alone", () => {
    const unit = read("drf-auth.service");
    for (const line of ["Type=notify", "NotifyAccess=all", "KillMode=mixed", "ExecReload=/bin/kill -HUP $MAINPID"])
      assert.ok(unit.split("\n").includes(line), line);
  });
});
