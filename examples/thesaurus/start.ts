/**
 * `npm start`: the whole example with nothing to prepare.
 *
 * Makes the database, and at the first start its words and an account; then serves as in production. DATABASE_URL, HOST and PORT
 * change where.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { openProject, type Project } from "drf-auth";
import { Antonym, Synonym } from "./app.ts";
import { antonyms, synonyms } from "./data.ts";

try {
  const project = await openProject(join(import.meta.dirname, "app.ts"), { environment: process.env });
  await project.migrate({
    onProgress: ({ migration, phase }) => {
      if (phase === "done") console.log(`applied ${migration.label}.${migration.name}`);
    },
  });
  await fill(project);
  process.exitCode = await project.serve({
    onReady: (url) => console.log(`Thesaurus: ${url}${project.app.prefix} (Ctrl-C stops it)`),
  });
} catch (error) {
  // What a person can put right is one line; anything else needs its stack.
  console.error(error instanceof Error && "code" in error ? error.message : error);
  process.exitCode = 1;
}

/** At the first start only: an account, and words that it owns. */
async function fill(project: Project): Promise<void> {
  const { database, users, close } = await project.start();
  try {
    if (await users.byUsername("demo")) return;
    const password = randomBytes(9).toString("base64url");
    const owner = await users.create({ username: "demo", password });
    await project.insert(
      database,
      Synonym,
      Array.from(synonyms, ([word, synonym]) => ({ word, synonym, owner })),
    );
    await project.insert(
      database,
      Antonym,
      Array.from(antonyms, ([word, antonym]) => ({ word, antonym, owner })),
    );
    console.log(`Sign in as "demo" with the password "${password}"; it is shown this once.`);
  } finally {
    await close();
  }
}
