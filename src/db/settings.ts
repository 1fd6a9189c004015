/** Which database. */
import { defineSettings, integer, text } from "../config/index.ts";

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
  databasePoolSize: {
    name: "DATABASE_POOL_SIZE",
    default: 10,
    parse: integer({ min: 2, max: 10_000 }),
    description:
      "Connections that a worker opens to PostgreSQL at most; all workers of all machines share what it allows.",
  },
});
