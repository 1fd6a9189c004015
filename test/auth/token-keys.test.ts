/** The keys of tokens: what settings are refused at start, the key file, and the public keys. */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { calculateJwkThumbprint, createLocalJWKSet, jwtVerify } from "jose";
import { defineApp } from "../../src/app/index.ts";
import {
  createTokenKeys,
  type JwtAlgorithm,
  jwtAlgorithms,
  newFileKey,
  readKeyFile,
  rotateKeys,
  stateOf,
  TokenInvalid,
  type TokenKeySettings,
  writeKeyFile,
} from "../../src/auth/index.ts";
import { ConfigurationError } from "../../src/errors.ts";
import { endpoint, permission } from "../../src/resource/index.ts";
import { secretKey, start, startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";
import { forge, hmac, readToken } from "./forge.ts";

const directory = mkdtempSync(join(tmpdir(), "drf-auth-keys-"));
after(() => rmSync(directory, { recursive: true }));
let files = 0;
const newPath = (): string => join(directory, `${++files}.json`);
const inFile = (text: string): string => {
  const path = newPath();
  writeFileSync(path, text);
  return path;
};

const settings: TokenKeySettings = {
  ...{ secretKey, secretKeyFallbacks: [], algorithm: "HS256", signingKey: "", signingKeyFile: "" },
  ...{
    verifyingKey: "",
    verifyingKeyFile: "",
    keysFile: "",
    audience: [],
    issuer: "",
    leewaySeconds: 0,
    tokenCacheSize: 10,
  },
};
const keysOf = (changes: Partial<TokenKeySettings>, now = () => start) =>
  createTokenKeys({ ...settings, ...changes }, now);
const claims = { exp: start / 1000 + 60, user_id: 3 };

const rsa = (bits = 2048) => generateKeyPairSync("rsa", { modulusLength: bits });
const ec = (namedCurve: string) => generateKeyPairSync("ec", { namedCurve });
const pairs: Readonly<Record<string, ReturnType<typeof generateKeyPairSync>>> = {
  ...{
    RS256: rsa(),
    ES256: ec("P-256"),
    ES384: ec("P-384"),
    ES512: ec("P-521"),
    EdDSA: generateKeyPairSync("ed25519"),
  },
};
const pairOf = (algorithm: JwtAlgorithm) => pairs[/^[RP]S/.test(algorithm) ? "RS256" : algorithm];
const pkcs8 = (algorithm: JwtAlgorithm): string =>
  pairOf(algorithm)?.privateKey.export({ type: "pkcs8", format: "pem" }).toString() ?? "s".repeat(64);
const spki = (algorithm: JwtAlgorithm): string =>
  pairOf(algorithm)?.publicKey.export({ type: "spki", format: "pem" }).toString() ?? "";

describe("a key that is set", () => {
  for (const algorithm of jwtAlgorithms) {
    it(`signs and verifies with ${algorithm}`, async () => {
      const keys = keysOf({ algorithm, signingKey: pkcs8(algorithm) });
      const token = await keys.sign(claims);
      assert.equal(readToken(token).header.alg, algorithm);
      assert.deepEqual(await keys.verify(token), claims);
      assert.equal(keys.isPublished, !algorithm.startsWith("HS"));
    });
  }

  it("may stand in a file, on one line, as JWK or in the older forms of PEM", async () => {
    const pem = pkcs8("ES256");
    const { privateKey } = pairs.ES256 as { privateKey: import("node:crypto").KeyObject };
    const forms = [
      pem.replaceAll("\n", "\\n"),
      JSON.stringify(privateKey.export({ format: "jwk" })),
      privateKey.export({ type: "sec1", format: "pem" }).toString(),
    ];
    const keys = keysOf({ algorithm: "ES256", signingKeyFile: inFile(pem), verifyingKey: spki("ES256") });
    for (const signingKey of forms)
      assert.deepEqual(await keys.verify(await keysOf({ algorithm: "ES256", signingKey }).sign(claims)), claims);
  });

  it("is SECRET_KEY where none is named, and the ones before it verify", async () => {
    const older = "an older secret key of thirty-two characters";
    const token = await keysOf({ secretKey: older }).sign(claims);
    assert.deepEqual(await keysOf({ secretKeyFallbacks: [older] }).verify(token), claims);
    await assert.rejects(async () => keysOf({}).verify(token), TokenInvalid);
    await assert.rejects(
      async () => keysOf({ signingKey: "x".repeat(32) }).verify(await keysOf({}).sign(claims)),
      TokenInvalid,
    );
  });

  const wrong: Readonly<Record<string, readonly [Partial<TokenKeySettings>, RegExp]>> = {
    "a secret shorter than the hash": [
      { signingKey: "short" },
      /JWT_SIGNING_KEY: HS256: .*at least 32 bytes, got 5 bytes/,
    ],
    "a secret key shorter than the hash of HS512": [
      { algorithm: "HS512" },
      /SECRET_KEY: HS512: .*at least 64 bytes, got 40/,
    ],
    "an older secret key that is too short": [{ secretKeyFallbacks: ["x"] }, /SECRET_KEY_FALLBACKS\[0\].*32 bytes/],
    "the text of a key pair as secret": [{ signingKey: spki("RS256") }, /JWT_SIGNING_KEY: expected a shared secret/],
    "an RSA key of 1024 bits": [
      { algorithm: "RS256", signingKey: rsa(1024).privateKey.export({ type: "pkcs8", format: "pem" }).toString() },
      /JWT_SIGNING_KEY: RS256: expected an RSA key of at least 2048 bits, got rsa of 1024 bits/,
    ],
    "a key on another curve": [
      { algorithm: "ES384", signingKey: pkcs8("ES256") },
      /ES384: .*secp384r1, got ec on prime256v1/,
    ],
    "a key of another kind": [
      { algorithm: "EdDSA", signingKey: pkcs8("RS256") },
      /EdDSA: expected an Ed25519 key, got rsa/,
    ],
    "no key for RS256": [{ algorithm: "RS256" }, /JWT_SIGNING_KEY: must be set with RS256/],
    "a public key to sign with": [
      { algorithm: "ES256", signingKey: spki("ES256") },
      /JWT_SIGNING_KEY: ES256: expected a private key/,
    ],
    "a public key that is not that of the private one": [
      {
        algorithm: "RS256",
        signingKey: pkcs8("RS256"),
        verifyingKey: rsa().publicKey.export({ type: "spki", format: "pem" }).toString(),
      },
      /JWT_VERIFYING_KEY: expected the public half of JWT_SIGNING_KEY/,
    ],
    "a verifying key for a secret": [
      { verifyingKey: spki("RS256") },
      /JWT_VERIFYING_KEY: HS256 verifies with the key that signs/,
    ],
    "a key and a file": [{ signingKey: "x".repeat(32), signingKeyFile: "x" }, /JWT_SIGNING_KEY_FILE: .*not both/],
    "a file that is not there": [{ signingKeyFile: "/nowhere" }, /JWT_SIGNING_KEY_FILE: \/nowhere cannot be read/],
    "a key set that is not there": [{ keysFile: "/nowhere" }, /\/nowhere: cannot be read; "drf-auth keys generate"/],
  };
  for (const [what, [changes, message]] of Object.entries(wrong)) {
    it(`refuses ${what}, and does not tell it`, () => {
      assert.throws(
        () => keysOf(changes),
        (error) => {
          assert.ok(error instanceof ConfigurationError);
          assert.match(error.message, message);
          assert.doesNotMatch(error.message, /BEGIN|MII/);
          return true;
        },
      );
    });
  }
});

describe("a key file", () => {
  const now = start / 1000;

  it("is made for its user alone, and never over another", () => {
    const path = newPath();
    writeKeyFile(path, [newFileKey("ES256", now)], true);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.throws(() => writeKeyFile(path, [newFileKey("ES256", now)], true), /is there already/);
    writeKeyFile(path, [newFileKey("ES256", now)]);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    writeFileSync(`${path}.new`, "");
    assert.throws(() => writeKeyFile(path, []), /another rotation is at work/);
  });

  for (const algorithm of jwtAlgorithms) {
    it(`holds keys of ${algorithm}, each named by its thumbprint`, async () => {
      const path = newPath();
      writeKeyFile(path, [newFileKey(algorithm, now)], true);
      const [jwk] = JSON.parse(readFileSync(path, "utf8")).keys;
      assert.equal(jwk.kid, await calculateJwkThumbprint(jwk));
      const keys = keysOf({ keysFile: path });
      const token = await keys.sign(claims);
      assert.deepEqual(readToken(token).header, { alg: algorithm, kid: jwk.kid, typ: "JWT" });
      assert.deepEqual(await keys.verify(token), claims);
      if (algorithm.startsWith("HS")) return assert.deepEqual(keys.publicKeys(), []);
      const set = createLocalJWKSet({ keys: keys.publicKeys().map((key) => ({ ...key })) });
      const { payload } = await jwtVerify(token, set, { currentDate: new Date(start) });
      assert.equal(payload.user_id, 3);
    });
  }

  it("publishes no private member", () => {
    const path = newPath();
    writeKeyFile(
      path,
      jwtAlgorithms.map((algorithm) => newFileKey(algorithm, now)),
      true,
    );
    const published = keysOf({ keysFile: path }).publicKeys();
    assert.equal(published.length, jwtAlgorithms.length - 3);
    for (const key of published) {
      for (const name of ["d", "p", "q", "dp", "dq", "qi", "oth", "k"]) assert.ok(!(name in key), `${key.alg} ${name}`);
      assert.equal(key.use, "sig");
      assert.ok(key.kid && key.alg);
    }
  });

  it("is read where it changed: the new key verifies at once, signs in its time, and the old one goes in its own", async () => {
    const path = newPath();
    const first = newFileKey("ES256", now);
    writeKeyFile(path, [first], true);
    const clock = { now: start };
    const keys = keysOf({ keysFile: path }, () => clock.now);
    const other = keysOf({ keysFile: path }, () => clock.now);
    const lasting = { ...claims, exp: now + 10_000 };
    const before = await keys.sign(lasting);

    const rotated = rotateKeys([first], { now, delay: 600, overlap: 3600 });
    const [, next] = rotated;
    assert.ok(next);
    writeKeyFile(path, rotated);
    assert.equal(keys.publicKeys().length, 1, "looked at a moment ago");
    clock.now += 1000;
    assert.deepEqual(
      keys.publicKeys().map(({ kid }) => kid),
      [first.kid, next.kid],
    );
    assert.equal(readToken(await keys.sign(lasting)).header.kid, first.kid, "published before it signs");

    clock.now = start + 600_000;
    const after = await keys.sign(lasting);
    assert.equal(readToken(after).header.kid, next.kid);
    assert.deepEqual(await other.verify(after), lasting);
    assert.deepEqual(await other.verify(before), lasting);

    clock.now = start + 4199_999;
    assert.deepEqual(await other.verify(before), lasting);
    clock.now = start + 4200_000;
    await assert.rejects(async () => other.verify(before), TokenInvalid, "also one that is remembered");
    assert.deepEqual(await other.verify(after), lasting);
    assert.deepEqual(
      rotateKeys(rotated, { now: now + 4200, delay: 5, overlap: 1 })
        .map(({ kid }) => kid)
        .slice(0, -1),
      [next.kid],
    );
  });

  it("whose key was taken out takes none of its tokens any more, also none that is remembered", async () => {
    const path = newPath();
    const [leaked, fresh] = [newFileKey("ES256", now), newFileKey("ES256", now)];
    writeKeyFile(path, [leaked], true);
    const clock = { now: start };
    const keys = keysOf({ keysFile: path }, () => clock.now);
    const token = await keys.sign(claims);
    assert.deepEqual(await keys.verify(token), claims);
    writeKeyFile(path, [fresh]);
    clock.now += 1000;
    await assert.rejects(async () => keys.verify(token), TokenInvalid);
    assert.deepEqual(await keys.verify(await keys.sign(claims)), claims);
  });

  it("is looked at once a second at most, whatever tokens come", async () => {
    const path = newPath();
    writeKeyFile(path, [newFileKey("ES256", now)], true);
    const clock = { now: start };
    let looks = 0;
    const log = { error: () => void looks++, info: () => undefined };
    const keys = createTokenKeys({ ...settings, keysFile: path }, () => clock.now, log);
    const ask = async (kid: number) =>
      assert.rejects(async () => keys.verify(forge({ alg: "ES256", kid: `${kid}` }, claims, hmac("x"))), TokenInvalid);
    // A file that is broken is told of when it is looked at.
    writeFileSync(path, "broken");
    for (let i = 0; i < 100; i++) await ask(i);
    assert.equal(looks, 0);
    clock.now += 1000;
    for (let i = 0; i < 100; i++) await ask(i);
    assert.equal(looks, 1);
  });

  it("that is broken or gone while it is used changes nothing, and is told of once", async () => {
    const path = newPath();
    writeKeyFile(path, [newFileKey("ES256", now)], true);
    const clock = { now: start };
    const told: string[] = [];
    const log = {
      error: (message: string) => void told.push(message),
      info: (message: string) => void told.push(message),
    };
    const keys = createTokenKeys({ ...settings, keysFile: path }, () => clock.now, log);
    const token = await keys.sign(claims);
    for (const spoil of [
      () => writeFileSync(path, "{"),
      () => rmSync(path),
      () => writeFileSync(path, '{"keys":[]}'),
    ]) {
      spoil();
      for (let i = 0; i < 3; i++) {
        clock.now += 1000;
        assert.deepEqual(await keys.verify(token), claims);
      }
    }
    assert.equal(told.length, 3);
    writeKeyFile(path, [newFileKey("HS256", now)]);
    clock.now += 1000;
    assert.equal(readToken(await keys.sign(claims)).header.alg, "HS256");
    assert.equal(told.length, 4);
  });

  it("that is broken holds up no rotation: the next key signs, and the one before ends, in their times", async () => {
    const path = newPath();
    const first = newFileKey("ES256", now);
    const rotated = rotateKeys([first], { now, delay: 600, overlap: 3600 });
    writeKeyFile(path, rotated, true);
    const clock = { now: start };
    const keys = keysOf({ keysFile: path }, () => clock.now);
    const lasting = { ...claims, exp: now + 10_000 };
    const old = await keys.sign(lasting);
    writeFileSync(path, "{");
    clock.now = start + 1_000;
    assert.deepEqual(await keys.verify(old), lasting);
    clock.now = start + 600_000;
    assert.equal(readToken(await keys.sign(lasting)).header.kid, rotated[1]?.kid);
    clock.now = start + 4200_000;
    await assert.rejects(async () => keys.verify(old), TokenInvalid);
  });

  it("moves from a key that is set without a refusal", async () => {
    const path = newPath();
    writeKeyFile(path, [newFileKey("ES256", now)], true);
    const signingKey = "s".repeat(32);
    const token = await keysOf({ signingKey }).sign(claims);
    assert.deepEqual(await keysOf({ signingKey, keysFile: path }).verify(token), claims);
    await assert.rejects(async () => keysOf({ keysFile: path }).verify(token), TokenInvalid);
  });

  it("binds each key to its algorithm", async () => {
    const path = newPath();
    writeKeyFile(path, [newFileKey("RS256", now), { ...newFileKey("PS256", now - 1), activeAt: now - 1 }], true);
    const [first] = readKeyFile(path);
    assert.ok(first);
    const keys = keysOf({ keysFile: path });
    const swapped = newPath();
    writeKeyFile(swapped, [{ ...first, algorithm: "PS256" }], true);
    await assert.rejects(async () => keys.verify(await keysOf({ keysFile: swapped }).sign(claims)), TokenInvalid);
  });

  it("passes over keys of a kind that is not known", () => {
    const path = newPath();
    writeKeyFile(path, [newFileKey("ES256", now)], true);
    const { keys } = JSON.parse(readFileSync(path, "utf8"));
    writeFileSync(path, JSON.stringify({ keys: [{ kty: "AKP", alg: "ML-DSA-44" }, ...keys] }));
    assert.equal(readKeyFile(path).length, 1);
  });

  const jwk = { ...newFileKey("ES256", now).key.export({ format: "jwk" }), alg: "ES256" };
  const broken: Readonly<Record<string, readonly [unknown, RegExp]>> = {
    "no JSON": ["{", /expected a JWK set/],
    "no set": [jwk, /expected a JWK set/],
    "no key": [{ keys: [] }, /expected at least one key/],
    "a key without alg": [{ keys: [{ ...jwk, alg: undefined }] }, /keys\[0\]: expected "alg"/],
    "a key for encryption": [{ keys: [{ ...jwk, use: "enc" }] }, /keys\[0\]: expected "use"/],
    "a public key": [{ keys: [{ ...jwk, d: undefined }] }, /keys\[0\]: ES256: expected a private key/],
    "a key of another curve": [{ keys: [{ ...jwk, alg: "ES384" }] }, /keys\[0\]: ES384: .*secp384r1/],
    "a secret that is too short": [
      { keys: [{ kty: "oct", k: "AAAA", alg: "HS256" }] },
      /keys\[0\]: HS256: .*32 bytes, got 3/,
    ],
    "one kid twice": [
      {
        keys: [
          { ...jwk, kid: "a" },
          { ...jwk, kid: "a" },
        ],
      },
      /two keys have the kid "a"/,
    ],
    "a time that is none": [{ keys: [{ ...jwk, nbf: "now" }] }, /keys\[0\]: expected "nbf"/],
    "no key that has begun": [{ keys: [{ ...jwk, nbf: now + 1 }] }, /expected a key that signs now/],
  };
  for (const [what, [content, message]] of Object.entries(broken)) {
    it(`with ${what} is refused at start`, () => {
      const keysFile = inFile(typeof content === "string" ? content : JSON.stringify(content));
      assert.throws(
        () => keysOf({ keysFile }),
        (error) => error instanceof ConfigurationError && message.test(error.message),
      );
    });
  }

  it("is not rotated while the key before does not sign yet", () => {
    const keys = rotateKeys([newFileKey("ES256", now)], { now, delay: 600, overlap: 60 });
    assert.deepEqual(
      keys.map((key) => stateOf(key, keys, now)),
      ["active", "next"],
    );
    assert.deepEqual(
      keys.map((key) => stateOf(key, keys, now + 600)),
      ["retiring", "active"],
    );
    assert.deepEqual(
      keys.map((key) => stateOf(key, keys, now + 660)),
      ["retired", "active"],
    );
    assert.throws(
      () => rotateKeys(keys, { now: now + 599, delay: 600, overlap: 60 }),
      /expected no rotation before that/,
    );
  });
  it("cannot be read by whoever may not", { skip: process.getuid?.() === 0 && "root reads everything" }, () => {
    const path = newPath();
    writeKeyFile(path, [newFileKey("ES256", now)], true);
    chmodSync(path, 0);
    assert.throws(() => readKeyFile(path), /cannot be read/);
  });
});

const app = defineApp({
  resources: {},
  endpoints: {
    me: endpoint({
      permissions: [permission.authenticated()],
      methods: { GET: { run: ({ user }) => ({ id: user?.id }) } },
    }),
  },
});

for (const { name, create } of databases) {
  describe(`/.well-known/jwks.json on ${name}`, () => {
    let test: TestApp;
    const path = newPath();
    before(async () => {
      writeKeyFile(path, [newFileKey("RS256", start / 1000)], true);
      test = await startTestApp(app, await create(), { settings: { keysFile: path } });
    });
    after(() => test.stop());

    it("has what others verify our tokens with", async () => {
      const alice = await test.user("alice");
      const { status, json, headers } = await test.client("GET", "/.well-known/jwks.json");
      assert.equal(status, 200);
      assert.equal(headers.get("cache-control"), "public, max-age=300");
      assert.equal(headers.get("content-type"), "application/json");
      assert.deepEqual(Object.keys(json.keys[0]).toSorted(), ["alg", "e", "kid", "kty", "n", "use"]);
      const token = alice.bearer.authorization.slice("Bearer ".length);
      const { payload } = await jwtVerify(token, createLocalJWKSet(json), { currentDate: new Date(start) });
      assert.equal(payload.user_id, alice.id);
    });

    it("has the media type of key sets for who asks for it, and takes nothing else", async () => {
      const accept = { accept: "application/jwk-set+json" };
      const { headers } = await test.client("GET", "/.well-known/jwks.json", { headers: accept });
      assert.equal(headers.get("content-type"), "application/jwk-set+json");
      assert.equal((await test.client("POST", "/.well-known/jwks.json")).status, 405);
      assert.equal((await test.client("GET", "/.well-known/jwks.json/")).status, 404);
    });

    it("is no route where there is nothing to publish", async () => {
      const secrets = await startTestApp(app, await create());
      try {
        assert.equal((await secrets.client("GET", "/.well-known/jwks.json")).status, 404);
        assert.ok(!secrets.endpoints.some((endpoint) => endpoint.path.includes("jwks")));
      } finally {
        await secrets.stop();
      }
    });
  });
}
