/** The files in deploy/ that name what the server has: they name nothing that it has not. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
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

describe("the unit of systemd", () => {
  it("lets the tool of the manager speak, and signals the watching process alone", () => {
    const unit = read("drf-auth.service");
    for (const line of ["Type=notify", "NotifyAccess=all", "KillMode=mixed", "ExecReload=/bin/kill -HUP $MAINPID"])
      assert.ok(unit.split("\n").includes(line), line);
  });
});
