/**
 * The keys of TLS session tickets, which all workers share: a client that comes back saves half of the handshake, whichever worker has it.
 *
 * They are made by the primary at random, told to workers as they become ready, and never kept: after a change a session of before
 * can be resumed no more, nor be read by whoever gets the keys later.
 * Reference: RFC 8446 4.6.1; RFC 5077 section 5.5 (how long a key may serve).
 */
import { randomBytes } from "node:crypto";

/** What Node takes: a name, a key of HMAC and one of AES, 16 bytes each. */
const keyBytes = 48;
const lifetimeMs = 12 * 60 * 60 * 1000;

export interface TicketKeys {
  /** Base64. */
  readonly current: string;
  end(): void;
}

/** Makes keys, and others every twelve hours. @param onChange  told of the new ones */
export function createTicketKeys(onChange: (keys: string) => void): TicketKeys {
  let current = randomBytes(keyBytes).toString("base64");
  const timer = setInterval(() => {
    current = randomBytes(keyBytes).toString("base64");
    onChange(current);
  }, lifetimeMs);
  timer.unref();
  return {
    get current() {
      return current;
    },
    end: () => clearInterval(timer),
  };
}
