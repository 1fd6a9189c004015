/** `drf-auth routes`: what answers, and to whom. */
import { defineCommand, UsageError } from "../command.ts";
import { appFlag, projectOf } from "../project.ts";
import { type Route, routesOf } from "../route-table.ts";
import { toColumns } from "../style.ts";

const heads = ["Method", "Path", "Token", "Action"] as const;

export const routes = defineCommand({
  name: "routes",
  summary: "Show every route, and whether it needs a token",
  flags: {
    app: appFlag,
    json: { type: "boolean", description: "Print JSON." },
    markdown: { type: "boolean", description: "Print a table for a README." },
  },
  examples: ["drf-auth routes", "drf-auth routes --markdown"],
  async run(context) {
    const { flags, print, style } = context;
    if (flags.json && flags.markdown) throw new UsageError("expected --json or --markdown, not both");
    const table = await routesOf(await projectOf(context));
    if (flags.json) return void print(JSON.stringify(table, null, 2));
    if (flags.markdown) {
      for (const line of markdown(table)) print(line);
      return;
    }
    const rows = table.map((route) => [route.method, route.path, tokenOf(route), route.action]);
    const [head = "", ...lines] = toColumns([heads.map((name) => name.toUpperCase()), ...rows], "");
    print(style.bold(head));
    for (const line of lines) print(line);
  },
});

const tokenOf = ({ isTokenRequired }: Route): string => (isTokenRequired ? "required" : "no");

/** The same as a Markdown table. */
function markdown(table: readonly Route[]): string[] {
  const rows = table.map((route) => `| ${route.method} | \`${route.path}\` | ${tokenOf(route)} | ${route.action} |`);
  return [`| ${heads.join(" | ")} |`, `|${heads.map(() => " --- |").join("")}`, ...rows];
}
