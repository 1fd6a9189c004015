/** Examples of values whose form is not plain from their type. */
import type { OptionsOf } from "../model/index.ts";
import type { Schema } from "./document.ts";

export const samples = {
  email: ["name@example.com"],
  url: ["https://example.com/page"],
  slug: ["a-short-name"],
  uuid: ["123e4567-e89b-12d3-a456-426614174000"],
  ip: ["192.0.2.7"],
  datetime: ["2024-01-31T08:00:00Z"],
  date: ["2024-01-31"],
  time: ["08:30:00"],
  duration: ["1 02:03:04"],
} as const;

/** A decimal that has the declared digits and lies within its bounds; nothing where none is at hand. */
export function decimalExample({
  maxDigits,
  decimalPlaces,
  min = -Infinity,
  max = Infinity,
  asNumber,
}: OptionsOf["decimal"]): Schema {
  const whole = "12".slice(0, maxDigits - decimalPlaces) || "0";
  const text = decimalPlaces > 0 ? `${whole}.${"5".padEnd(decimalPlaces, "0")}` : whole;
  const value = Number(text);
  return value >= min && value <= max ? { examples: [asNumber ? value : text] } : {};
}
