/**
 * Reading dates as people write them: `2024-01-31`, `1/31/2024`, `1/31/24`, `Jan 31 2024`, `31 January, 2024`.
 *
 * Reference: DATE_INPUT_FORMATS of Django's global settings, read with `strptime`.
 */

import { strip } from "../serializer/parse/strip.ts";
import { type Invalid, invalid } from "../serializer/parser.ts";

const MAX_CHARACTERS = 40;

const months = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
];

const formats = [
  /^(?<year>\d{4})-(?<month>\d{1,2})-(?<day>\d{1,2})$/,
  /^(?<month>\d{1,2})\/(?<day>\d{1,2})\/(?<year>\d{4}|\d{2})$/,
  /^(?<month>[a-z]+)\s+(?<day>\d{1,2}),?\s+(?<year>\d{4})$/i,
  /^(?<day>\d{1,2})\s+(?<month>[a-z]+),?\s+(?<year>\d{4})$/i,
];

const notADate = invalid("invalid", { expected: "a date such as 2024-01-31" });

/** A date as `YYYY-MM-DD`. */
export function readDate(text: string): string | Invalid {
  if (text.length > MAX_CHARACTERS) return notADate;
  const date = strip(text);
  for (const format of formats) {
    const parts = format.exec(date)?.groups;
    if (parts) return isoDate(yearOf(parts.year ?? ""), monthOf(parts.month ?? ""), Number(parts.day)) ?? notADate;
  }
  return notADate;
}

/** Two digits mean 1969 to 2068 (POSIX `strptime`). */
function yearOf(text: string): number {
  const year = Number(text);
  if (text.length > 2) return year;
  return year < 69 ? 2000 + year : 1900 + year;
}

/** 1 to 12; 0 where it is no month. */
function monthOf(text: string): number {
  const name = text.toLowerCase();
  return Number(text) || months.findIndex((month) => month === name || month.slice(0, 3) === name) + 1;
}

function isoDate(year: number, month: number, day: number): string | undefined {
  const time = new Date(0);
  time.setUTCFullYear(year, month - 1, day);
  const exists = year >= 1 && month >= 1 && time.getUTCMonth() === month - 1 && time.getUTCDate() === day;
  return exists ? time.toISOString().slice(0, 10) : undefined;
}
