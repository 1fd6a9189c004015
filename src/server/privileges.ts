/**
 * Another user than root, once the sockets are bound: from then on no process of the server can do more than that user.
 *
 * Reference: gunicorn.util.set_owner_process. Differs: the primary changes as well, and the groups of the user are taken on.
 */
import { chownSync } from "node:fs";
import { ConfigurationError } from "../errors.ts";
import { findAccount, findGroup, groupsOf } from "./accounts.ts";

export interface Identity {
  /** Name or number; empty to stay. */
  readonly runAsUser: string;
  readonly runAsGroup: string;
}

/**
 * Becomes another user.
 *
 * @param files  that the server made as the user of before, and shall own still
 * @throws ConfigurationError  there is no such user or group, or this process may not become it
 */
export function becomeUser({ runAsUser, runAsGroup }: Identity, files: readonly string[]): void {
  if (runAsUser === "" && runAsGroup === "") return;
  const place = runAsUser === "" ? `RUN_AS_GROUP=${runAsGroup}` : `RUN_AS_USER=${runAsUser}`;
  const { setuid, setgid, setgroups, getuid } = process;
  if (!setuid || !setgid || !setgroups || !getuid) throw new ConfigurationError(place, "there are no users here");
  const user = runAsUser === "" ? undefined : findAccount(runAsUser);
  if (runAsUser !== "" && user === undefined) throw new ConfigurationError(place, "there is no such user");
  const group = runAsGroup === "" ? user?.group : findGroup(runAsGroup);
  if (group === undefined) throw new ConfigurationError(`RUN_AS_GROUP=${runAsGroup}`, "there is no such group");
  // So is the successor of a server that has become it (SIGUSR2).
  if (isAlready(user?.id, process.getuid?.()) && isAlready(runAsGroup === "" ? undefined : group, process.getgid?.()))
    return;
  try {
    for (const file of files) chownSync(file, user?.id ?? getuid(), group);
    setgroups([group, ...groupsOf(user?.name)]);
    setgid(group);
    if (user) setuid(user.id);
  } catch (cause) {
    throw new ConfigurationError(place, "only a server that root starts can become another user", { cause });
  }
}

const isAlready = (asked: number | undefined, present: number | undefined): boolean =>
  asked === undefined || asked === present;
