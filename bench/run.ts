/**
 * `npm run bench`: drf-auth beside the limit of the machine and beside Django, in one run, as ratios.
 *
 * The command line: options in, table or JSON out; `contest.ts` does the work, README.md says how to read the result. It
 * never judges: it ends with 0 unless something went wrong (1), was asked for wrongly (2) or was interrupted (130).
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, release, type } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { toChart, toStaticChart } from "./chart.ts";
import { runContest } from "./contest.ts";
import { measureProcesses } from "./processes.ts";
import { toProcessTables, toWorkersChart } from "./processes-report.ts";
import { type Machine, toPage, toTables, withRatios } from "./report.ts";
import { type Row, rows } from "./rows.ts";

const help = `npm run bench -- [options]
  --starts N       times that every server is started (default 3)
  --rounds N       rounds a start, after one to warm up (default 2); medians are taken over all of them
  --seconds N      length of a round on one server (default 2)
  --connections N  connections that ask at the same time (default 32; a row may have its own number)
  --only ROW       only this row: ${rows.map(({ id }) => id).join(", ")} (may be repeated)
  --processes      requests/s by number of workers, memory of a worker, time of a reload, in place of rows (about four minutes)
  --json           print ratios, figures and every round as JSON
  --svg            also write docs/images/bench.svg, static.svg and bench/RESULTS.md; with --processes workers.svg and PROCESSES.md
  --help
All rows take about a quarter of an hour with these defaults, one row about a minute.`;

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const say = (line: string) => process.stderr.write(`${line}\n`);

async function main(): Promise<void> {
  const { values: flags } = parseArgs({
    options: {
      starts: { type: "string", default: "3" },
      rounds: { type: "string", default: "2" },
      seconds: { type: "string", default: "2" },
      connections: { type: "string", default: "32" },
      only: { type: "string", multiple: true },
      processes: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      svg: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (flags.help) {
    process.stdout.write(`${help}\n`);
    return;
  }
  const settings = {
    starts: wholeNumber("--starts", flags.starts),
    rounds: wholeNumber("--rounds", flags.rounds),
    seconds: positiveNumber("--seconds", flags.seconds),
    connections: wholeNumber("--connections", flags.connections),
  };
  const chosen = chosenRows(flags.only);

  const interruption = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, () => interruption.abort());
  if (flags.processes) {
    const result = await measureProcesses({ ...settings, signal: interruption.signal, say, now: Date.now });
    const tables = toProcessTables(result);
    process.stdout.write(flags.json ? `${JSON.stringify(result, null, 2)}\n` : `\n${tables}`);
    if (!flags.svg) return;
    const { cpu, cores, system, node, date } = describeMachine();
    const head = `# What processes cost\n\nWritten by \`npm run bench -- --processes --svg\`; README.md says what is measured.\n`;
    const machine = `Measured on ${cpu}, ${cores} cores, ${system}, Node ${node}, ${date}.`;
    writeFileSync(path("PROCESSES.md"), `${head}\n${tables}\n${machine}\n`);
    writeFileSync(path("../docs/images/workers.svg"), toWorkersChart(result, cores));
    say("written: docs/images/workers.svg, bench/PROCESSES.md");
    return;
  }
  const outcome = await runContest({ rows: chosen, settings, signal: interruption.signal, say, now: Date.now });

  const report = { machine: describeMachine(), settings, ...outcome };
  process.stdout.write(
    flags.json ? `${JSON.stringify(withRatios(report), null, 2)}\n` : `\n${toTables(report.results)}`,
  );
  if (!flags.svg) return;
  mkdirSync(path("../docs/images"), { recursive: true });
  writeFileSync(path("../docs/images/bench.svg"), toChart(report));
  const hasNginx = report.results.some(({ peers }) => peers.some(({ id }) => id === "nginx"));
  if (hasNginx) writeFileSync(path("../docs/images/static.svg"), toStaticChart(report));
  writeFileSync(path("RESULTS.md"), toPage(report));
  say(`written: docs/images/bench.svg, ${hasNginx ? "docs/images/static.svg, " : ""}bench/RESULTS.md`);
}

function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown CPU",
    cores: availableParallelism(),
    system: `${type()} ${release()}`,
    node: process.versions.node,
    date: new Date().toISOString().slice(0, 10),
  };
}

function chosenRows(ids: readonly string[] | undefined): readonly Row[] {
  if (ids === undefined) return rows;
  return ids.map((id) => {
    const row = rows.find((candidate) => candidate.id === id);
    if (row === undefined) throw new TypeError(`--only ${id}: expected ${rows.map((one) => one.id).join(" or ")}`);
    return row;
  });
}

function wholeNumber(flag: string, text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new TypeError(`${flag} ${text}: expected a whole number from 1 to 9999`);
  return Number(text);
}

function positiveNumber(flag: string, text: string): number {
  const isGood = /^\d{1,4}(\.\d+)?$/.test(text) && Number(text) > 0;
  if (!isGood) throw new TypeError(`${flag} ${text}: expected a number above 0`);
  return Number(text);
}

try {
  await main();
} catch (error) {
  if (error instanceof Error && error.name === "AbortError") {
    say("interrupted");
    process.exitCode = 130;
  } else if (error instanceof TypeError) {
    say(`${error.message}\n\n${help}`);
    process.exitCode = 2;
  } else {
    say(`bench: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
