/**
 * Comparison of secrets in a time that does not tell where they differ.
 *
 * Reference: django.utils.crypto.constant_time_compare; as there, the length is not hidden.
 */
import { timingSafeEqual } from "node:crypto";

/** Whether two texts are equal; takes as long for a difference in the first character as in the last. */
export function isEqualInConstantTime(left: string, right: string): boolean {
  const a = Buffer.from(left);
  const b = Buffer.from(right);
  return a.length === b.length && timingSafeEqual(a, b);
}
