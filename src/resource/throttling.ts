/**
 * How often: the step that counts requests, and the contract of what counts.
 *
 * Called after the permissions, so that refused requests do not count, and before the action, so that failed ones do.
 * Reference: rest_framework.throttling.ScopedRateThrottle.
 */
import { Throttled } from "../errors.ts";
import type { Context } from "./context.ts";

/** Counts requests. */
export interface Throttle {
  /**
   * Counts one request of somebody under a scope.
   * @returns undefined where it may pass, else the seconds until the next one may
   */
  count(scope: string, who: string, now: number): Promise<number | undefined>;
}

/** Counts this request under its endpoint's scope. @throws Throttled */
export async function throttle(context: Context): Promise<void> {
  const { endpoint, services, user, request, now } = context;
  if (endpoint.throttleScope === undefined || !services.throttle) return;
  const wait = await services.throttle.count(
    endpoint.throttleScope,
    user ? `user ${user.id}` : `address ${request.address}`,
    now,
  );
  if (wait !== undefined) throw new Throttled(wait);
}
