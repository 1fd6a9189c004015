#!/usr/bin/env node
/*
 * The entry of `drf-auth`: checks the version of Node, then loads the rest.
 *
 * This file is read by every Node, also by those that are too old for the rest: plain JavaScript, no types, no imports at the top.
 */
const oldest = 24;
const present = process.versions.node;

if (Number(present.split(".")[0]) < oldest) {
  console.error(`drf-auth needs Node ${oldest} or newer; this is v${present}`);
  process.exitCode = 1;
} else {
  const isInit = process.pid === 1 && process.argv[2] === "serve";
  (isInit ? import("./init.ts").then(({ becomeInit }) => becomeInit()) : Promise.resolve())
    .then(() => import("./cli.ts"))
    .then(({ runCli }) => runCli(process))
    .then((code) => {
      process.exitCode = code;
    });
}
