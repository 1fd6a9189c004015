/** The tables beside Django's that hold what belongs to an account, made before an app has started: for data that is moved in. */
import { createOwnTable, type Database } from "../db/index.ts";
import { secondFactorTable } from "./second-factor/statements.ts";
import { createRevocationTable } from "./tokens/revocation.ts";
import { createTokenSessions } from "./tokens/token-sessions.ts";

/** Makes those of second factors and of sessions of tokens where they are missing. */
export async function createAccountTables(database: Database): Promise<void> {
  await createOwnTable(database, secondFactorTable);
  await createTokenSessions(database);
  await createRevocationTable(database);
}
