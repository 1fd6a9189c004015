/**
 * Recovery codes: ten texts that each stand in once for a code of the app.
 *
 * 50 random bits each, so a fast keyed hash keeps them: who reads the table cannot try them without SECRET_KEY.
 * Source: NIST SP 800-63B 5.1.2 (look-up secrets), OWASP ASVS 6.5.1 and 6.5.2.
 */
import { createHmac } from "node:crypto";
import { randomString } from "../random.ts";

/** Without letters and digits that look alike. */
const alphabet = "abcdefghjkmnpqrstuvwxyz23456789";
const count = 10;

/** New codes, as people write them down: `x7k2m-9qpfd`. */
export const newRecoveryCodes = (): string[] =>
  Array.from({ length: count }, () => `${randomString(5, alphabet)}-${randomString(5, alphabet)}`);

/** What is kept of a code; blanks, dashes and capitals of whoever types it do not matter. */
export const hashRecoveryCode = (code: string, key: Buffer): string =>
  createHmac("sha256", key)
    .update(code.toLowerCase().replace(/[^a-z0-9]/g, ""))
    .digest("base64url");
