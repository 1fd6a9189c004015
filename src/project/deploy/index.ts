/**
 * What is insecure or costly in production: one row a check, with what to do about it.
 *
 * `drf-auth check --deploy` shows them. An error also ends `serve`; the rest is for a person to decide, who may have a reason.
 * Reference: django.core.checks.security (`check --deploy`), and gunicorn's advice on deployment.
 */
import { accountsChecks } from "./accounts.ts";
import type { DeployCheck, Deployment, Finding, Found } from "./check.ts";
import { networkChecks } from "./network.ts";
import { processesChecks } from "./processes.ts";
import { secretsChecks } from "./secrets.ts";

export type { Deployment, Finding } from "./check.ts";

export const deployChecks: readonly DeployCheck[] = [
  ...secretsChecks,
  ...networkChecks,
  ...accountsChecks,
  ...processesChecks,
];

/** Everything that is insecure or costly, in the order of the table. */
export function findDeployIssues(deployment: Deployment): readonly Finding[] {
  return deployChecks.flatMap(({ id, isError, find }) => {
    const found = find(deployment);
    const all: readonly Found[] = Array.isArray(found) ? found : [found];
    const level = isError ? "error" : "warning";
    return all.flatMap((each) => (each ? [{ id, level, ...each } as const] : []));
  });
}
