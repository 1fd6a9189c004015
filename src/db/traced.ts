/** A database whose statements are spans of traces, with their texts, which have no values in them. */
import type { Tracer } from "../config/index.ts";
import type { Database, Executor } from "./database.ts";
import type { Statement } from "./statement.ts";

/** The same database, traced. */
export function traced(database: Database, tracer: Tracer): Database {
  const system = database.dialect === "sqlite" ? "sqlite" : "postgresql";
  const span = <T>({ sql }: Statement, work: () => T): T => {
    const [verb = "query"] = sql.trimStart().split(/\s/, 1);
    return tracer.span(verb.toUpperCase(), { "db.system.name": system, "db.query.text": sql }, work);
  };
  const executor = (real: Executor): Executor => ({
    dialect: real.dialect,
    all: (statement, parameters) => span(statement, () => real.all(statement, parameters)),
    get: (statement, parameters) => span(statement, () => real.get(statement, parameters)),
    run: (statement, parameters) => span(statement, () => real.run(statement, parameters)),
    transaction: (work, options) =>
      tracer.span("TRANSACTION", { "db.system.name": system }, () =>
        real.transaction((transaction) => work(executor(transaction)), options),
      ),
    afterCommit: (call) => real.afterCommit(call),
  });
  return {
    ...executor(database),
    script: (sql) => database.script(sql),
    measure: () => database.measure?.() ?? [],
    close: () => database.close(),
  };
}
