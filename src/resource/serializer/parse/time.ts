/**
 * Reading points in time, dates and times of day, into their canonical text: `2024-01-31T08:00:00.500000Z`.
 *
 * A time without an offset is UTC; a fraction has six digits, or none where it is zero.
 * Reference: rest_framework.fields (DateTimeField, DateField, TimeField) and django.utils.dateparse.
 * Differs: what follows a time of day (an offset) is refused, not dropped.
 */
import { type Invalid, invalid, type MakeParser } from "../parser.ts";
import { checked } from "./checked.ts";
import { asciiDigits } from "./digits.ts";

const day = "(\\d{4})-(\\d{1,2})-(\\d{1,2})";
const clock = "(\\d{1,2}):(\\d{1,2})(?::(\\d{1,2})(?:[.,](\\d{1,6})\\d{0,6})?)?";
const datePattern = new RegExp(`^${day}$`);
const timePattern = new RegExp(`^${clock}$`);
const datetimePattern = new RegExp(`^${day}[T ]${clock}(?:Z|([+-])(\\d{2})(?::?(\\d{2}))?)?$`);

const MINUTE = 60_000;
const DAY_MINUTES = 24 * 60;
const earliest = Date.parse("0001-01-01T00:00:00Z");
const latest = Date.parse("9999-12-31T23:59:59Z");

const notADatetime = invalid("invalid", { expected: "a time such as 2024-01-31T08:00:00Z" });
const notADate = invalid("invalid", { expected: "a date such as 2024-01-31" });
const notATime = invalid("invalid", { expected: "a time of day such as 08:30:00" });
const outOfRange = invalid("overflow", { expected: "a time in the years 1 to 9999" });

export const datetime: MakeParser<"datetime"> = (field) => checked(field, toDatetime);
export const date: MakeParser<"date"> = (field) => checked(field, toDate);
export const time: MakeParser<"time"> = (field) => checked(field, toTime);

function toDatetime(raw: unknown): string | Invalid {
  const match = typeof raw === "string" ? datetimePattern.exec(asciiDigits(raw)) : null;
  if (!match) return notADatetime;
  const [, year, month, dayOfMonth, hour, minute, second, fraction, sign, hours = "0", minutes = "0"] = match;
  const dateText = toDateText(year, month, dayOfMonth);
  const timeText = toTimeText(hour, minute, second, fraction);
  const offset = Number(hours) * 60 + Number(minutes);
  if (dateText === undefined || timeText === undefined || offset >= DAY_MINUTES) return notADatetime;
  if (offset === 0) return `${dateText}T${timeText}Z`;
  const local = Date.parse(`${dateText}T${timeText.slice(0, 8)}Z`);
  const utc = local - (sign === "-" ? -offset : offset) * MINUTE;
  if (utc < earliest || utc > latest) return outOfRange;
  return `${new Date(utc).toISOString().slice(0, 19)}${timeText.slice(8)}Z`;
}

function toDate(raw: unknown): string | Invalid {
  const match = typeof raw === "string" ? datePattern.exec(asciiDigits(raw)) : null;
  return (match && toDateText(match[1], match[2], match[3])) ?? notADate;
}

function toTime(raw: unknown): string | Invalid {
  const match = typeof raw === "string" ? timePattern.exec(asciiDigits(raw)) : null;
  return (match && toTimeText(match[1], match[2], match[3], match[4])) ?? notATime;
}

function toDateText(year = "", month = "", dayOfMonth = ""): string | undefined {
  const exists =
    Number(year) >= 1 &&
    Number(dayOfMonth) >= 1 &&
    Number(month) >= 1 &&
    Number(month) <= 12 &&
    Number(dayOfMonth) <= lastDay(Number(year), Number(month));
  return exists ? `${year}-${month.padStart(2, "0")}-${dayOfMonth.padStart(2, "0")}` : undefined;
}

function lastDay(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function toTimeText(hour = "", minute = "", second = "0", fraction = ""): string | undefined {
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const text = [hour, minute, second].map((part) => part.padStart(2, "0")).join(":");
  return Number(fraction) === 0 ? text : `${text}.${fraction.padEnd(6, "0")}`;
}
