/**
 * `drf-auth check`: is the app sound; with `--deploy`, is it ready for production.
 *
 * The whole app is put together, on a database in memory: every declaration, route and setting is checked as a start would.
 * Reference: Django's check.
 */
import { hintsOf } from "../../db/index.ts";
import { type Finding, findDeployIssues, type Project, projectSettings } from "../../project/index.ts";
import { defineCommand, exit } from "../command.ts";
import { appFlag, projectOf } from "../project.ts";
import { type Route, routesOf } from "../route-table.ts";

export const check = defineCommand({
  name: "check",
  summary: "Check the app; with --deploy, what is insecure or costly in production",
  flags: {
    app: appFlag,
    deploy: { type: "boolean", description: "Check settings and rights for production as well." },
    migrations: {
      type: "boolean",
      description:
        "Ask the database which migrations it lacks, and check those for what stalls a live service on PostgreSQL.",
    },
    strict: { type: "boolean", description: "Fail on warnings, too." },
    json: { type: "boolean", description: "Print JSON." },
  },
  settings: projectSettings,
  examples: [
    "drf-auth check",
    "drf-auth check --deploy",
    "drf-auth check --deploy --strict --json",
    "drf-auth check --migrations",
  ],
  async run(context) {
    const { flags, print, say, style } = context;
    const project = await projectOf(context);
    const routes = await routesOf(project);
    const findings = [
      ...(await findChanges(project)),
      ...(flags.deploy ? deployIssues(project, routes) : []),
      ...(flags.migrations ? await findStalls(project) : []),
    ];
    if (flags.json) print(JSON.stringify(findings, null, 2));
    else {
      for (const { level, id, place, problem, remedy } of findings) {
        print(`${level === "error" ? style.red(level) : style.yellow(level)} ${style.bold(place)}: ${problem}`);
        print(`  ${remedy} ${style.dim(`(${id})`)}`);
      }
      say(findings.length === 0 ? "All is well." : count(findings));
    }
    const isFailed = findings.some(({ level }) => flags.strict || level === "error");
    return isFailed ? exit.failed : exit.ok;
  },
});

/** Changes of models that no migration file has. */
async function findChanges(project: Project): Promise<readonly Finding[]> {
  const missing = await project.findMissingMigrations();
  return missing.map(({ label }) => ({
    ...{ id: "migrations.missing", level: "warning", place: `models of ${label}` },
    ...{ problem: "have changes that no migration makes", remedy: '"drf-auth makemigrations" writes one' },
  }));
}

/** Operations of migrations to come that nobody could read or write beside. */
async function findStalls(project: Project): Promise<readonly Finding[]> {
  const planned = await project.migrate({ plan: true });
  const hints = hintsOf(
    await project.readMigrations(),
    planned.map(({ migration }) => migration),
  );
  return hints.map((hint) => ({ id: "migrations.stall", level: "warning", ...hint }));
}

function deployIssues({ app, settings, file }: Project, routes: readonly Route[]): readonly Finding[] {
  const own = routes.filter(({ path }) => path.startsWith(app.prefix));
  return findDeployIssues({
    ...{ settings, file, hasAccounts: app.accounts !== undefined },
    openWrites: own
      .filter(({ method, isTokenRequired }) => !isTokenRequired && !["GET", "HEAD", "OPTIONS"].includes(method))
      .map(({ method, path }) => `${method} ${path}`),
    userId: process.getuid?.(),
    nodeOptions: `${process.execArgv.join(" ")} ${process.env.NODE_OPTIONS ?? ""}`,
  });
}

function count(findings: readonly Finding[]): string {
  const errors = findings.filter(({ level }) => level === "error").length;
  const parts = [
    [errors, "error"],
    [findings.length - errors, "warning"],
  ] as const;
  return `${parts.flatMap(([n, word]) => (n === 0 ? [] : [`${n} ${word}${n === 1 ? "" : "s"}`])).join(", ")}.`;
}
