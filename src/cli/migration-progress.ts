/**
 * What people see of migrations while they run: each as it begins, where it waits, and of one that takes long the operation it is at.
 *
 * In lines, since they stand in logs of deployments as well. SQLite works while nothing else can, so there a line comes between operations alone.
 */
import type { MigrateOptions } from "../db/index.ts";
import { clock } from "./progress.ts";
import { describePlanned } from "./project.ts";

/** Milliseconds after which a migration is a long one, and between lines about it. */
const [LONG, EVERY] = [2000, 10_000];

/** The callbacks that tell of migrations, a line at a time. */
export function tellMigrations(tell: (line: string) => void): Required<Pick<MigrateOptions, "onProgress" | "onStep">> {
  let began = 0;
  let at = "";
  let timer: NodeJS.Timeout | undefined;
  const tellWhere = (): void => tell(`  ${clock((Date.now() - began) / 1000)} ${at}`);
  return {
    onProgress(progress) {
      const { label, name } = progress.migration;
      clearInterval(timer);
      if (progress.phase === "done") return;
      if (progress.phase === "wait") return tell(`waiting for whoever holds what ${label}.${name} needs`);
      tell(describePlanned(progress, ["applying", "undoing"]));
      began = Date.now();
      at = "";
    },
    onStep({ number, of, operation }) {
      at = `operation ${number} of ${of}, ${operation}`;
      if (Date.now() - began >= LONG) tellWhere();
      clearInterval(timer);
      timer = setInterval(tellWhere, EVERY).unref();
    },
  };
}
