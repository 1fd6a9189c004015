/** Everything that a project can be set to: the app and its processes. */
import { appSettings } from "../app/index.ts";
import { defineSettings, type ValuesOf } from "../config/index.ts";
import { serverSettings } from "../server/index.ts";
import { backupSettings } from "./backup-settings.ts";

export const projectSettings = defineSettings({ ...appSettings, ...backupSettings, ...serverSettings });
export type ProjectSettings = ValuesOf<typeof projectSettings>;
