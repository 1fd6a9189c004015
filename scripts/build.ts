/** Compiles `src/` to `dist/`: JavaScript, declarations, and the files that pages need. */
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, rmSync } from "node:fs";
import { resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
rmSync(resolve(root, "dist"), { recursive: true, force: true });
execFileSync(resolve(root, "node_modules/.bin/tsc"), ["--project", "tsconfig.build.json"], { cwd: root, stdio: "inherit" });
cpSync(resolve(root, "src/browsable/assets"), resolve(root, "dist/browsable/assets"), { recursive: true });
chmodSync(resolve(root, "dist/cli/main.js"), 0o755);
