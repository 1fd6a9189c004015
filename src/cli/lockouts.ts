/** What `lockouts` and `unlock` share: the table of locks of the project that a command line names. */
import { canonicalNameOf, type Lockouts, openLockouts } from "../auth/index.ts";
import { projectOf } from "./project.ts";

/** Opens the locks, does something with them, and closes the database. @throws ConfigurationError */
export async function withLockouts<T>(
  given: Parameters<typeof projectOf>[0],
  work: (lockouts: Lockouts) => Promise<T>,
): Promise<T> {
  const project = await projectOf(given);
  await project.checkMigrations();
  const secretKey = await project.secretKey();
  const database = await project.connect();
  try {
    const canonicalName = canonicalNameOf(project.app.backends);
    return await work(await openLockouts({ database, secretKey, canonicalName, now: Date.now }));
  } finally {
    await database.close();
  }
}
