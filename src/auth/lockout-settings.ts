/** The settings of the lock-out after wrong passwords. */
import { defineSettings, integer, secondsOrDuration, type ValuesOf } from "../config/index.ts";

export const lockoutSettings = defineSettings({
  lockoutLimit: {
    name: "LOCKOUT_LIMIT",
    default: 5,
    parse: integer({ min: 0 }),
    description: "Wrong passwords for a name from one address before it is locked there; 0 for no limit.",
  },
  lockoutUserLimit: {
    name: "LOCKOUT_USER_LIMIT",
    default: 100,
    parse: integer({ min: 0 }),
    description:
      "Wrong passwords for a name from addresses that it never signed in from, all together; 0 for no limit.",
  },
  lockoutAddressLimit: {
    name: "LOCKOUT_ADDRESS_LIMIT",
    default: 100,
    parse: integer({ min: 0 }),
    description: "Wrong passwords from one address (IPv6: one /64) for all names together; 0 for no limit.",
  },
  lockoutDelaySeconds: {
    name: "LOCKOUT_DELAY",
    default: 30,
    parse: secondsOrDuration({ min: 1 }),
    unit: "seconds",
    description: "How long the try at the limit locks; each wrong one after it locks twice as long.",
  },
  lockoutMaxDelaySeconds: {
    name: "LOCKOUT_MAX_DELAY",
    default: 3600,
    parse: secondsOrDuration({ min: 1 }),
    unit: "seconds",
    description: "How long a lock lasts at most.",
  },
  lockoutWindowSeconds: {
    name: "LOCKOUT_WINDOW",
    default: 86_400,
    parse: secondsOrDuration({ min: 1 }),
    unit: "seconds",
    description: "How long after the first wrong password the count begins anew.",
  },
});

/**
 * How much may be wrong, and what it costs.
 * @example
 * defineApp({ resources, settings: { lockoutLimit: 10, lockoutDelaySeconds: 60 } });
 */
export type LockoutSettings = ValuesOf<typeof lockoutSettings>;
