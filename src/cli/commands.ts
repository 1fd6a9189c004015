/** The table of commands, in the order of the help. To add one: a file in `commands/`, a line here. */
import type { Command } from "./command.ts";
import { backup } from "./commands/backup.ts";
import { changepassword } from "./commands/changepassword.ts";
import { check } from "./commands/check.ts";
import { clearsessions } from "./commands/clearsessions.ts";
import { collectstatic } from "./commands/collectstatic.ts";
import { createsuperuser } from "./commands/createsuperuser.ts";
import { createuser } from "./commands/createuser.ts";
import { ctl } from "./commands/ctl.ts";
import { dev } from "./commands/dev.ts";
import { dumpdata } from "./commands/dumpdata.ts";
import { flushexpiredtokens } from "./commands/flushexpiredtokens.ts";
import { inspectdb } from "./commands/inspectdb.ts";
import { keys } from "./commands/keys.ts";
import { loaddata } from "./commands/loaddata.ts";
import { lockouts } from "./commands/lockouts.ts";
import { makemigrations } from "./commands/makemigrations.ts";
import { migrate } from "./commands/migrate.ts";
import { resetsecondfactor } from "./commands/resetsecondfactor.ts";
import { restore } from "./commands/restore.ts";
import { routes } from "./commands/routes.ts";
import { schema } from "./commands/schema.ts";
import { serve } from "./commands/serve.ts";
import { settings } from "./commands/settings.ts";
import { showmigrations } from "./commands/showmigrations.ts";
import { sqlmigrate } from "./commands/sqlmigrate.ts";
import { squashmigrations } from "./commands/squashmigrations.ts";
import { unlock } from "./commands/unlock.ts";

export const commands: readonly Command[] = [
  dev,
  serve,
  ctl,
  check,
  makemigrations,
  migrate,
  showmigrations,
  sqlmigrate,
  squashmigrations,
  createuser,
  createsuperuser,
  changepassword,
  resetsecondfactor,
  lockouts,
  unlock,
  keys,
  inspectdb,
  dumpdata,
  loaddata,
  backup,
  restore,
  collectstatic,
  flushexpiredtokens,
  clearsessions,
  routes,
  schema,
  settings,
];
