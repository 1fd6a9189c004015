/** Which database. */
import { defineSettings, text } from "../config/index.ts";

export const databaseSettings = defineSettings({
  databaseUrl: {
    name: "DATABASE_URL",
    default: "sqlite:///db.sqlite3",
    defaultText: "sqlite:///db.sqlite3",
    parse: text({ minLength: 1 }),
    flag: "database-url",
    secret: true,
    description: "sqlite:///file, sqlite:////absolute/file or postgres://user:password@host:5432/name.",
  },
});
