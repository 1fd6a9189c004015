/**
 * Which host a client asked for, and whether it may: links are made of it, so a forged one must not pass.
 * Reference: django.http.request.HttpRequest.get_host and validate_host.
 */

/**
 * Makes a check of Host headers: the header itself where it is allowed, else undefined.
 * @param onRefused  told once of each name that is well formed and not allowed
 */
export function createHosts(
  allowed: readonly string[],
  onRefused?: (host: string) => void,
): (header: string | undefined) => string | undefined {
  const known = new Map<string, boolean>();
  const told = new Set<string>();
  const patterns = allowed.map((pattern) => pattern.toLowerCase());
  return (header) => {
    if (header === undefined) return undefined;
    let isAllowed = known.get(header);
    if (isAllowed === undefined) {
      isAllowed = matches(header.toLowerCase(), patterns);
      // Bounded: whoever sends many different headers gets no further than this.
      if (known.size < 1000) {
        known.set(header, isAllowed);
        const [, host] = isAllowed ? [] : (form.exec(header.toLowerCase()) ?? []);
        if (host !== undefined && !told.has(host)) {
          told.add(host);
          onRefused?.(host);
        }
      }
    }
    return isAllowed ? header : undefined;
  };
}

/** A host name or address with an optional port (RFC 9110 section 7.2). */
const form = /^([a-z0-9.-]+|\[[a-f0-9]*:[a-f0-9.:]+\])(:\d+)?$/;

function matches(header: string, patterns: readonly string[]): boolean {
  const [, host] = form.exec(header) ?? [];
  if (host === undefined) return false;
  const name = host.endsWith(".") ? host.slice(0, -1) : host;
  return patterns.some(
    (pattern) =>
      pattern === "*" ||
      pattern === name ||
      (pattern.startsWith(".") && (name.endsWith(pattern) || name === pattern.slice(1))),
  );
}
