/**
 * Reading spans of time: `[days ]HH:MM:SS[.ffffff]`, ISO 8601 (`P1DT2H`), and what PostgreSQL prints (`3 days 04:05:06`);
 * a number is seconds.
 * Reference: rest_framework.fields.DurationField and django.utils.dateparse.parse_duration.
 * Differs: a blank text and a bare `P` are refused, not zero.
 */
import { durationOf } from "../../../db/index.ts";
import { type Invalid, invalid, type MakeParser } from "../parser.ts";
import { checked } from "./checked.ts";
import { asciiDigits } from "./digits.ts";

const SECOND = 1_000_000n;
const MINUTE = 60n * SECOND;
const HOUR = 60n * MINUTE;
const DAY = 24n * HOUR;

/** Reference: datetime.timedelta.max. */
const MAX_DAYS = 999_999_999n;
const MAX_CHARACTERS = 100;

const plain = /^(?:(-?\d+) (?:days?, )?)?(-?)(?:(?:(\d+):(?=\d+:\d+))?(\d+):)?(\d+(?:[.,]\d{1,12})?)$/;
const postgres = /^(?:(-?\d+) (?:days? ?))?(?:([-+])?(\d+):(\d\d):(\d\d(?:\.\d{1,6})?))?$/;
const amount = "(\\d+(?:[.,]\\d+)?)";
const iso = new RegExp(`^([-+]?)P(?=\\d|T\\d)(?:${amount}D)?(?:T(?:${amount}H)?(?:${amount}M)?(?:${amount}S)?)?$`);

const notADuration = invalid("invalid", { expected: "a duration such as 1 02:03:04 or P1DT2H3M4S" });
const outOfRange = invalid("overflow", { expected: `at most ${MAX_DAYS} days` });

export const duration: MakeParser<"duration"> = (field) => checked(field, toDuration);

function toDuration(raw: unknown): string | Invalid {
  if (typeof raw !== "string" && typeof raw !== "number" && typeof raw !== "bigint") return notADuration;
  const text = asciiDigits(String(raw));
  if (text === "" || text.length > MAX_CHARACTERS) return notADuration;
  const span = plainSpan(text) ?? isoSpan(text);
  if (span === undefined) return notADuration;
  return span < -MAX_DAYS * DAY || span >= (MAX_DAYS + 1n) * DAY ? outOfRange : durationOf(span);
}

/** Microseconds; the sign before the clock is not that of the days. */
function plainSpan(text: string): bigint | undefined {
  const match = plain.exec(text) ?? postgres.exec(text);
  if (!match) return undefined;
  const [, days = "0", sign, hours, minutes, seconds] = match;
  const rest = times(hours, HOUR) + times(minutes, MINUTE) + times(seconds, SECOND);
  return BigInt(days) * DAY + (sign === "-" ? -rest : rest);
}

function isoSpan(text: string): bigint | undefined {
  const match = iso.exec(text);
  if (!match) return undefined;
  const [, sign, days, hours, minutes, seconds] = match;
  const span = times(days, DAY) + times(hours, HOUR) + times(minutes, MINUTE) + times(seconds, SECOND);
  return sign === "-" ? -span : span;
}

/** So many units, in microseconds; further digits are cut. */
function times(number = "0", unit: bigint): bigint {
  const [whole = "0", fraction = ""] = number.split(/[.,]/);
  return BigInt(whole) * unit + (BigInt(fraction || "0") * unit) / 10n ** BigInt(fraction.length);
}
