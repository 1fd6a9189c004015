/** `drf-auth settings`: every setting, the value it has here, and where that value came from. */
import {
  describeSettings,
  describeValue,
  type Resolved,
  resolveSettings,
  type SettingDescription,
} from "../../config/index.ts";
import { appFileIn, findAppFile, loadApp, projectSettings } from "../../project/index.ts";
import { defineCommand } from "../command.ts";
import { appFlag } from "../project.ts";
import { toColumns } from "../style.ts";

export const settings = defineCommand({
  name: "settings",
  summary: "Show every setting, its value here and where that came from",
  flags: {
    app: appFlag,
    json: { type: "boolean", description: "Print JSON." },
    markdown: {
      type: "boolean",
      description: "Print the settings and their defaults as a Markdown table, for documents.",
    },
  },
  settings: projectSettings,
  examples: ["drf-auth settings", "PORT=9000 drf-auth settings --json"],
  async run({ environment, flags, settingFlags, print, style }) {
    const here = process.cwd();
    // Without an app file there are those of the environment.
    const file = flags.app === undefined ? appFileIn(here) : findAppFile(flags.app, here);
    const defaults = file === undefined || flags.markdown ? {} : (await loadApp(file)).settings;
    const resolved = resolveSettings(projectSettings, { environment, flags: settingFlags, defaults });
    const descriptions = describeSettings(projectSettings);
    if (flags.json) {
      const rows = descriptions.map((row, i) => ({ ...row, ...toJsonValue(resolved[i]) }));
      print(JSON.stringify(rows, null, 2));
      return;
    }
    if (flags.markdown) {
      print(toMarkdown(descriptions));
      return;
    }
    const rows = resolved.map((setting, i) => [
      setting.row.name,
      describeValue(setting),
      setting.source,
      descriptions[i]?.description ?? "",
    ]);
    const [head = "", ...lines] = toColumns([["SETTING", "VALUE", "FROM", "DESCRIPTION"], ...rows], "");
    print(style.bold(head));
    for (const line of lines) print(line);
  },
});

function toMarkdown(descriptions: readonly SettingDescription[]): string {
  const rows = descriptions.map(({ name, flag, default: value, expected, description }) =>
    [`\`${name}\``, flag === undefined ? "" : `\`${flag}\``, value, expected, description].map((cell) =>
      cell.replaceAll("|", "\\|"),
    ),
  );
  const head = [
    ["Setting", "Flag", "Default", "Expected", "What it is"],
    ["---", "---", "---", "---", "---"],
  ];
  return [...head, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** The value as JSON carries it; a secret only says whether it is set. */
function toJsonValue(resolved: Resolved | undefined) {
  if (resolved === undefined) return {};
  const { row, value, source } = resolved;
  return { value: row.secret ? describeValue(resolved) : (value ?? null), source };
}
