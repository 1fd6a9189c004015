/** A point in time as a datetime field has it: ISO 8601 in UTC, six decimals where there are any. */
export function isoTime(milliseconds: number): string {
  const text = new Date(milliseconds).toISOString();
  return text.endsWith(".000Z") ? `${text.slice(0, -5)}Z` : `${text.slice(0, -1)}000Z`;
}
