/**
 * Secrets taken out of what is logged, as the last step before a line is written.
 *
 * Nothing of ours logs a secret; a message of a driver, of a library or of an app's own code may: an error that quotes a header, a
 * URL with its password. What is taken for one: fields by their names, tokens by their form, passwords in URLs and in assignments.
 * Reference: OWASP ASVS 16.2.5; pino's `redact`.
 */
export const redacted = "[redacted]";

const secretName =
  /pass(word|wd|phrase)?$|secret|token$|^(access|refresh)$|authorization|cookie|api[-_]?key|private[-_]?key|credential/i;

/** Whether a field of this name holds a secret: `password`, `refresh_token`, `api_key`. */
export const isSecretName = (name: string): boolean => secretName.test(name);

/**
 * What stands before a secret, and the secret. Each begins at the beginning of a word only (`(?<!…)`), so that a long text of a client
 * is read once and not from each of its letters.
 */
const forms: readonly (readonly [form: RegExp, replacement: string])[] = [
  // A token: three parts of base64url, the first of which is a JSON object; without its signature it is no use.
  [/(?<![\w-])eyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*/g, redacted],
  [/\b(Bearer|Basic|Token)\s+[\w.~+/=-]{8,}/gi, `$1 ${redacted}`],
  // postgres://user:password@host
  [/(?<![a-z0-9+.-])([a-z][a-z0-9+.-]*:\/\/[^\s/:@]*):[^\s/"'<>]+@/gi, `$1:${redacted}@`],
  // password=…, "refresh": "…", SECRET_KEY=…
  [
    /(["']?(?<![\w-])[\w-]*(?:password|passwd|secret(?:_?key)?|api_?key|access_token|refresh_token|sessionid|csrftoken)["']?\s*[=:]\s*["']?)(?!\[redacted\])[^\s"',;&}]{3,}/gi,
    `$1${redacted}`,
  ],
  [/-----BEGIN ([A-Z ]*PRIVATE KEY)-----[\s\S]*?(-----END \1-----|$)/g, redacted],
];

/** A text without secrets. */
export function redact(text: string): string {
  let clean = text;
  for (const [form, replacement] of forms) clean = clean.replace(form, replacement);
  return clean;
}
