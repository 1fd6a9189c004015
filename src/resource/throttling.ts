/**
 * How often: the step that counts requests, and the contract of what counts.
 *
 * Called after the permissions, so that refused requests do not count, and before the action, so that failed ones do.
 * Reference: rest_framework.throttling.ScopedRateThrottle.
 */
import type { Measurement } from "../config/index.ts";
import { Throttled } from "../errors.ts";
import { networkOf } from "./addresses.ts";
import type { Context } from "./context.ts";

/** Counts requests. */
export interface Throttle {
  /**
   * Counts one request of somebody under a scope.
   * @returns undefined where it may pass, else the seconds until the next one may
   */
  count(scope: string, who: string, now: number): Promise<number | undefined>;
  /** How many were refused, by scope. */
  measure(): readonly Measurement[];
}

/** Counts this request under a scope. @throws Throttled */
export async function throttle({ services, user, request, now }: Context, scope: string): Promise<void> {
  const who = user ? `user ${user.id}` : `address ${networkOf(request.address)}`;
  const wait = await services.throttle?.count(scope, who, now);
  if (wait !== undefined) throw new Throttled(wait);
}
