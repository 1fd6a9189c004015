/** The settings of backups on a schedule. */
import { defineSettings, integer, secondsOrDuration, text } from "../config/index.ts";

export const backupSettings = defineSettings({
  backupDirectory: {
    name: "BACKUP_DIRECTORY",
    default: "",
    defaultText: "no backups",
    parse: text(),
    description: "Folder for copies of the SQLite database, made while it is served; empty for none.",
  },
  backupEverySeconds: {
    name: "BACKUP_EVERY",
    default: 86_400,
    parse: secondsOrDuration({ min: 60, max: 2_000_000 }),
    unit: "seconds",
    description: "How old the newest of them is when one of all workers makes another.",
  },
  backupKeep: {
    name: "BACKUP_KEEP",
    default: 7,
    parse: integer({ min: 1, max: 10_000 }),
    description: "How many are kept; the oldest go when another is there.",
  },
});
