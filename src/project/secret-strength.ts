/**
 * Secrets that should not sign anything in production: those that somebody can guess, or has read.
 *
 * Length is checked when the setting is read. Reference: django.core.checks.security.base (`security.W009`, `security.W025`).
 */
import { ConfigurationError } from "../errors.ts";
import type { ProjectSettings } from "./settings.ts";

const placeholder =
  /^(django-)?insecure|^(change|replace|fill|your|my|some|test|example|default|dummy|password|secret[-_ ]?key)([-_ ]|$)|change[-_ ]?(me|this)|do[-_ ]?not[-_ ]?use/i;
const minDistinct = 8;

/** What is wrong with a secret, or undefined. */
export function weaknessOf(secret: string): string | undefined {
  if (placeholder.test(secret)) return "stands for one that was never made: everybody knows it";
  if (new Set(secret).size < minDistinct)
    return `has fewer than ${minDistinct} different characters, and can be guessed`;
  return undefined;
}

export interface WeakSecret {
  readonly name: string;
  readonly weakness: string;
}

/** The weak ones among the secrets that are set. */
export function weakSecrets(settings: ProjectSettings): readonly WeakSecret[] {
  const { secretKey, secretKeyFallbacks, signingKey, algorithm } = settings;
  const given = [
    { name: "SECRET_KEY", secret: secretKey },
    ...secretKeyFallbacks.map((secret, i) => ({ name: `SECRET_KEY_FALLBACKS[${i}]`, secret })),
    ...(algorithm.startsWith("HS") ? [{ name: "JWT_SIGNING_KEY", secret: signingKey }] : []),
  ];
  return given.flatMap(({ name, secret }) => {
    const weakness = secret === "" ? undefined : weaknessOf(secret);
    return weakness === undefined ? [] : [{ name, weakness }];
  });
}

export const newSecretRecipe = `node -p "require('crypto').randomBytes(48).toString('base64url')"`;

/** @throws ConfigurationError  the first secret that is weak */
export function refuseWeakSecrets(settings: ProjectSettings): void {
  const [weak] = weakSecrets(settings);
  if (weak) throw new ConfigurationError(weak.name, `${weak.weakness}; this prints a new one: ${newSecretRecipe}`);
}
