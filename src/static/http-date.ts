/** Dates in headers, in the form that is sent and in the two of old clients (RFC 9110 section 5.6.7). */

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const clock = "(?<hour>\\d{2}):(?<minute>\\d{2}):(?<second>\\d{2})";
const forms = [
  `[A-Z][a-z]{2}, (?<day>\\d{2}) (?<month>[A-Z][a-z]{2}) (?<year>\\d{4}) ${clock} GMT`,
  `[A-Z][a-z]+day, (?<day>\\d{2})-(?<month>[A-Z][a-z]{2})-(?<year>\\d{2}) ${clock} GMT`,
  `[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ \\d]\\d) ${clock} (?<year>\\d{4})`,
].map((form) => new RegExp(`^${form}$`));

/**
 * Milliseconds since 1970 of a date; NaN for any other text, so that no comparison with it holds.
 * @param now  for a year of two digits: it is none that is more than 50 years ahead
 */
export function parseHttpDate(text: string, now = Date.now()): number {
  const found = forms.map((form) => form.exec(text)?.groups).find((groups) => groups !== undefined);
  const month = months.indexOf(found?.month ?? "");
  if (found === undefined || month < 0) return Number.NaN;
  const at = (year: number): number => {
    const time = Date.UTC(
      year,
      month,
      Number(found.day),
      Number(found.hour),
      Number(found.minute),
      Number(found.second),
    );
    // No 31st of February.
    return new Date(time).getUTCDate() === Number(found.day) ? time : Number.NaN;
  };
  if (found.year?.length === 4) return at(Number(found.year));
  const nearest = at(2000 + Number(found.year));
  return nearest > now + 50 * 365.25 * 86_400_000 ? at(1900 + Number(found.year)) : nearest;
}
