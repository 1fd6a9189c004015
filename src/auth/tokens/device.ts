/**
 * What a person calls the program and the system behind a `User-Agent`: "Firefox on Linux".
 *
 * For a list of sessions, so that an account's owner knows which is which; nothing is decided by it. The header says what its sender
 * likes. Browsers name those that they want to pass for as well, so the first match of an order counts (RFC 9110 section 10.1.5).
 */
const programs: readonly (readonly [RegExp, string])[] = [
  [/\bEdgA?\//, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\b(?:Firefox|FxiOS)\//, "Firefox"],
  [/\b(?:Chrome|CriOS)\//, "Chrome"],
  [/\bVersion\/[\d.]+.*\bSafari\//, "Safari"],
];

const systems: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b/, "iPhone"],
  [/\biPad\b/, "iPad"],
  [/\bAndroid\b/, "Android"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bWindows\b/, "Windows"],
  [/\bMac OS X\b|\bMacintosh\b/, "macOS"],
  [/\bLinux\b/, "Linux"],
];

/** A name of at most 60 characters; that of the first product where it is no browser, "Unknown" where nothing was sent. */
export function deviceOf(userAgent: string): string {
  const nameIn = (names: typeof programs) => names.find(([pattern]) => pattern.test(userAgent))?.[1];
  const product = /^[\w.-]+/.exec(userAgent)?.[0].slice(0, 40);
  const program = nameIn(programs) ?? product ?? "Unknown";
  const system = nameIn(systems);
  return system === undefined ? program : `${program} on ${system}`;
}
