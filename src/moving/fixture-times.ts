/**
 * Days, times and spans of a fixture, as Django spells them and as we do: three or six digits of a second, any offset.
 *
 * SQLite keeps them as texts, and would keep the thirtieth of February.
 * Reference: django.utils.dateparse.
 */
import { durationOf, microsecondsOf } from "../db/index.ts";
import { LARGEST } from "./fixture-numbers.ts";
import { Unfit } from "./unfit.ts";

function matching(value: unknown, pattern: RegExp, expected: string): string {
  if (typeof value === "string" && pattern.test(value)) return value;
  throw new Unfit(`expected ${expected}`);
}

/** A fraction has six digits in a column, or there is none. */
const sixDigits = (value: string): string =>
  value.replace(/\.(\d+)/, (_whole, digits: string) => (Number(digits) === 0 ? "" : `.${digits.padEnd(6, "0")}`));

const refuse = (value: string): never => {
  throw new Unfit(`there is no ${value}`);
};

const isClock = (clock: string): boolean => /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?$/.test(clock);

function isDay(day: string): boolean {
  const time = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day) && !day.startsWith("0000");
}

export function date(value: unknown): string {
  const day = matching(value, /^\d{4}-\d\d-\d\d$/, "a date such as 2024-01-31");
  return isDay(day) ? day : refuse(day);
}

export function time(value: unknown): string {
  const clock = matching(value, /^\d\d:\d\d(:\d\d(\.\d{1,6})?)?$/, "a time of day such as 08:30:00");
  return isClock(clock) ? sixDigits(clock) : refuse(clock);
}

export function datetime(value: unknown): string {
  const whole = matching(
    value,
    /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?$/,
    "a time such as 2024-01-31T08:00:00Z",
  );
  const [, day = "", clock = "", fraction = "", offset = "Z"] =
    /^(.{10}).(\d\d:\d\d(?::\d\d)?)(\.\d+)?(.*)$/.exec(whole) ?? [];
  const seconds = clock.length === 5 ? `${clock}:00` : clock;
  const rest = sixDigits(fraction);
  if (!isDay(day) || !isClock(seconds)) return refuse(whole);
  if (/^(Z?|[+-]00:?00)$/.test(offset)) return `${day}T${seconds}${rest}Z`;
  if (!/^.([01]\d|2[0-3]):?[0-5]\d$/.test(offset)) return refuse(whole);
  const utc = new Date(`${day}T${seconds}${offset.replace(/(\d\d):?(\d\d)$/, "$1:$2")}`).toISOString();
  // Beyond the first and the last year there is none.
  return isDay(utc.slice(0, 10)) ? `${utc.slice(0, 19)}${rest}Z` : refuse(whole);
}

/** Django writes days, hours, minutes and seconds; its fraction has six digits. */
export function duration(value: unknown): string {
  const whole = matching(value, /^(-?\d+ )?\d+:\d\d:\d\d(\.\d{1,6})?$/, "a duration such as 1 02:03:04.500000");
  const microseconds = microsecondsOf(sixDigits(whole));
  if (microseconds > LARGEST || microseconds < -LARGEST)
    throw new Unfit("expected a duration of less than 292,000 years");
  return durationOf(microseconds);
}
