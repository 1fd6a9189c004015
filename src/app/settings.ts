/** What an app can be set to: the settings of every system that it is made of. */
import { authSettings } from "../auth/index.ts";
import { assetsDirectory } from "../browsable/index.ts";
import { defineSettings, type ValuesOf } from "../config/index.ts";
import { databaseSettings } from "../db/index.ts";
import { httpSettings } from "../http/index.ts";
import { mailSettings } from "../mail/index.ts";
import { mediaSettings } from "../media/index.ts";
import { schemaSettings } from "../openapi/index.ts";
import { type Source, staticSettings } from "../static/index.ts";

/** Everything that an app can be set to, but for its processes. */
export const appSettings = defineSettings({
  ...databaseSettings,
  ...authSettings,
  ...mailSettings,
  ...httpSettings,
  ...mediaSettings,
  ...schemaSettings,
  ...staticSettings,
});
export type AppSettings = ValuesOf<typeof appSettings>;

/** The folders that static files come from: the app's own, and the style of the pages. */
export const staticSourcesOf = ({ staticDirectories }: Pick<AppSettings, "staticDirectories">): readonly Source[] =>
  [...staticDirectories, assetsDirectory].map((directory) => ({ directory }));
