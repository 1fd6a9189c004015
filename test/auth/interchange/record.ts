/** Records tokens of SimpleJWT, with keys of tests alone: `node test/auth/interchange/record.ts` writes `recorded.json`. */
import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { askSimpleJwt, recordedAlgorithms } from "./simplejwt.ts";

/** Noon of 1 June 2024, UTC: the time of test apps. */
const now = Date.UTC(2024, 5, 1, 12) / 1000;

const pems = (pair: ReturnType<typeof generateKeyPairSync>) => ({
  signingKey: pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  verifyingKey: pair.publicKey.export({ type: "spki", format: "pem" }).toString(),
});
const keysOf = (algorithm: string) => {
  if (algorithm.startsWith("HS"))
    return { signingKey: `a secret of tests for ${algorithm}, `.padEnd(64, "."), verifyingKey: "" };
  return pems(
    algorithm.startsWith("RS")
      ? generateKeyPairSync("rsa", { modulusLength: 2048 })
      : generateKeyPairSync("ec", { namedCurve: "P-256" }),
  );
};

const recorded = [];
for (const algorithm of recordedAlgorithms) {
  const { signingKey, verifyingKey } = keysOf(algorithm);
  const settings = { ALGORITHM: algorithm, SIGNING_KEY: signingKey, VERIFYING_KEY: verifyingKey };
  recorded.push({ algorithm, signingKey, verifyingKey, tokens: askSimpleJwt({ settings, make: { user_id: 1, now } }) });
}
writeFileSync(join(import.meta.dirname, "recorded.json"), `${JSON.stringify(recorded, null, 2)}\n`);
