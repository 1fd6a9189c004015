import assert from "node:assert/strict";
import { createHmac, createPublicKey, createSecretKey, generateKeyPairSync } from "node:crypto";
import { describe, test } from "node:test";
import {
  type Claims,
  createSigner,
  createVerifier,
  type JwtAlgorithm,
  TokenClaimInvalid,
  TokenError,
  TokenExpired,
  TokenInvalid,
  TokenNotYetValid,
  type TokenVerifierOptions,
} from "../../src/auth/index.ts";

const secret = "conformance-secret-key-0123456789-abcdefghijklmnopqrstuvwxyz";
const issuedAt = 1_700_000_000;

/** Made by PyJWT 2.6.0 with `secret`. */
const reference =
  "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ0b2tlbl90eXBlIjoiYWNjZXNzIiwiZXhwIjoxNzAwMDAwMzAwLCJpYXQiOjE3MDAwMDAwMDAsImp0aSI6ImZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmIiwidXNlcl9pZCI6M30.Y-OqX0wNzjnyd82mjmLTbrZjwWKw8fEk_7zGw2VGbtU";
const referenceClaims = {
  token_type: "access",
  exp: 1_700_000_300,
  iat: 1_700_000_000,
  jti: "ffffffffffffffffffffffffffffffff",
  user_id: 3,
};

/** A clock that a test can turn, and a verifier that follows it. */
function arrange(options: Partial<TokenVerifierOptions> = {}) {
  const clock = { seconds: issuedAt };
  const verifier = createVerifier({
    algorithms: ["HS256"],
    keys: [{ key: secret }],
    now: () => clock.seconds * 1000,
    ...options,
  });
  return { clock, verify: async (token: string): Promise<Claims> => verifier.verify(token), verifier };
}

const base64url = (text: string) => Buffer.from(text).toString("base64url");

/** A token from raw parts, signed with HMAC-SHA256 whatever its header says. */
function forge(header: string | Buffer, payload: string | Buffer, key: string | Buffer = secret): string {
  const input = `${Buffer.from(header).toString("base64url")}.${Buffer.from(payload).toString("base64url")}`;
  return `${input}.${createHmac("sha256", key).update(input).digest("base64url")}`;
}
const hs256 = '{"alg":"HS256","typ":"JWT"}';
const withClaims = (claims: object) => forge(hs256, JSON.stringify(claims));

describe("tokens and PyJWT", () => {
  test("a token of PyJWT verifies", async () => {
    assert.deepEqual(await arrange().verify(reference), referenceClaims);
  });

  test("a token signed here is the one PyJWT makes, byte for byte", async () => {
    assert.equal(await createSigner({ algorithm: "HS256", key: secret }).sign(referenceClaims), reference);
  });

  const references: [JwtAlgorithm, string, string][] = [
    [
      "HS256",
      "0123456789",
      "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOjE3MDAwMDAzMDAsIm5hbWUiOiJab1x1MDBlYiJ9.w6FkqDTgcxc1EAIqGJ6Yqx8xF5nQd0WK_4wINbe5i3w",
    ],
    [
      "HS256",
      "gehëim ✓",
      "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOjE3MDAwMDAzMDB9.-3FIok5EIszs1oh930Bw9IknQabwUS6vuCL0_tgOT1k",
    ],
    [
      "HS384",
      "0123456789",
      "eyJhbGciOiJIUzM4NCIsInR5cCI6IkpXVCJ9.eyJleHAiOjE3MDAwMDAzMDB9.b5islHJzFxBKiQnQMp1Du2R5XTuEz8UwiuLOZrXzdxUJpfa3JMyqEUhvkzif_pGF",
    ],
    [
      "HS512",
      "0123456789",
      "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.eyJleHAiOjE3MDAwMDAzMDB9.e3LPJ6sTaA5ck1oxIRmxwiLXw82N0gYZdAiY0th4ahkQWnmrsIGJQ06OBF-vRYUPW4Fwubbn6sI_oevlzPT9FA",
    ],
  ];
  for (const [algorithm, key, token] of references) {
    test(`a ${algorithm} token with a secret of ${Buffer.byteLength(key)} bytes verifies`, async () => {
      const claims = await arrange({ algorithms: [algorithm], keys: [{ key }] }).verify(token);
      assert.equal(claims.exp, 1_700_000_300);
    });
  }

  test("a secret of ten bytes can sign", async () => {
    const token = await createSigner({ algorithm: "HS256", key: "0123456789" }).sign({ exp: 1_700_000_300 });
    assert.equal(token, forge(hs256, '{"exp":1700000300}', "0123456789"));
  });
});

describe("tokens and the RFCs", () => {
  const payload = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
  const claims = { iss: "joe", exp: 1_300_819_380, "http://example.com/is_root": true };
  const now = () => 1_300_819_379_000;

  test("RFC 7515 A.1 and RFC 7519 3.1: HS256", async () => {
    const k = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
    const { verify } = arrange({ keys: [{ key: createSecretKey(k, "base64url") }], issuer: "joe", now });
    const token = `eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.${payload}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk`;
    assert.deepEqual(await verify(token), claims);
  });

  test("RFC 7515 A.3: ES256", async () => {
    const x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    const y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
    const key = createPublicKey({ key: { kty: "EC", crv: "P-256", x, y }, format: "jwk" });
    const { verify } = arrange({ algorithms: ["ES256"], keys: [{ key }], now });
    const signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    assert.deepEqual(await verify(`eyJhbGciOiJFUzI1NiJ9.${payload}.${signature}`), claims);
  });

  test("RFC 7519 6.1: the unsecured token is refused", async () => {
    await assert.rejects(arrange({ now }).verify(`eyJhbGciOiJub25lIn0.${payload}.`), TokenInvalid);
  });

  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pairs: [JwtAlgorithm, ReturnType<typeof generateKeyPairSync>][] = [
    ["RS256", rsa],
    ["RS512", rsa],
    ["PS256", rsa],
    ["ES256", generateKeyPairSync("ec", { namedCurve: "P-256" })],
    ["ES384", generateKeyPairSync("ec", { namedCurve: "P-384" })],
    ["ES512", generateKeyPairSync("ec", { namedCurve: "P-521" })],
    ["EdDSA", generateKeyPairSync("ed25519")],
  ];
  for (const [algorithm, { privateKey, publicKey }] of pairs) {
    test(`${algorithm}: what the private key signs, the public key verifies`, async () => {
      const token = await createSigner({ algorithm, key: privateKey, kid: "2024" }).sign({
        exp: issuedAt + 1,
        user_id: 3,
      });
      assert.equal(
        Buffer.from(token.split(".")[0] ?? "", "base64url").toString(),
        `{"alg":"${algorithm}","kid":"2024","typ":"JWT"}`,
      );
      const { verify } = arrange({ algorithms: [algorithm], keys: [{ key: publicKey }] });
      assert.equal((await verify(token)).user_id, 3);
    });
  }
});

describe("a token that is not ours", () => {
  const [header = "", payload = "", signature = ""] = reference.split(".");
  const exp = issuedAt + 300;

  for (const alg of ["none", "None", "NONE", "nOnE", "none ", "", "hs256", "HS512", "RS256", "__proto__", "toString"]) {
    test(`alg "${alg}" is refused, signed or not`, async () => {
      const unsigned = `${base64url(JSON.stringify({ alg, typ: "JWT" }))}.${payload}`;
      await assert.rejects(arrange().verify(`${unsigned}.`), TokenInvalid);
      await assert.rejects(arrange().verify(`${unsigned}.${signature}`), TokenInvalid);
      await assert.rejects(arrange().verify(forge(JSON.stringify({ alg }), `{"exp":${exp}}`)), TokenInvalid);
    });
  }

  const headers: [string, string | Buffer][] = [
    ["without alg", '{"typ":"JWT"}'],
    ["with alg null", '{"alg":null}'],
    ["with a list of algorithms", '{"alg":["HS256"]}'],
    ["with a critical extension", '{"alg":"HS256","crit":["exp"],"exp":1}'],
    ["with the critical extension b64", '{"alg":"HS256","crit":["b64"],"b64":true}'],
    ["with an empty crit", '{"alg":"HS256","crit":[]}'],
    ["with an unencoded payload", '{"alg":"HS256","b64":false}'],
    ["that is a list", '["HS256"]'],
    ["that is a text", '"HS256"'],
    ["that is no JSON", "{alg:HS256}"],
    ["that is empty", ""],
    ["that is no UTF-8", Buffer.from([0x7b, 0xff, 0x7d])],
  ];
  for (const [title, text] of headers) {
    test(`a header ${title} is refused although the signature is right`, async () => {
      await assert.rejects(arrange().verify(forge(text, `{"exp":${exp}}`)), TokenInvalid);
    });
  }

  const payloads: [string, string | Buffer][] = [
    ["a list", "[1]"],
    ["null", "null"],
    ["a number", "1"],
    ["empty", ""],
    ["cut off", '{"exp":1'],
    ["no UTF-8", Buffer.from([0x7b, 0xff, 0x7d])],
  ];
  for (const [title, text] of payloads) {
    test(`a payload that is ${title} is refused although the signature is right`, async () => {
      await assert.rejects(arrange().verify(forge(hs256, text)), TokenInvalid);
    });
  }

  const spellings: [string, string][] = [
    ["padding", `${reference}=`],
    ["a line feed at its end", `${reference}\n`],
    ["a blank before it", ` ${reference}`],
    ["a blank inside", reference.replace("Y-Oq", "Y- Oq")],
    ["other trailing bits", reference.replace(/U$/, "V")],
    ["the plain base64 alphabet", reference.replace("Y-Oq", "Y+Oq")],
    ["a fourth part", `${reference}.`],
    ["five parts, as an encrypted token has", `${header}.${payload}.${signature}.${payload}.${signature}`],
  ];
  for (const [title, token] of spellings) {
    test(`a second spelling of a right token is refused: ${title}`, async () => {
      const { verify } = arrange();
      await verify(reference);
      await assert.rejects(verify(token), TokenInvalid);
    });
  }

  const signatures: [string, string][] = [
    ["missing", `${header}.${payload}`],
    ["empty", `${header}.${payload}.`],
    ["cut by four characters", reference.slice(0, -4)],
    ["cut by half", `${header}.${payload}.${signature.slice(0, 22)}`.replace(/.$/, "A")],
    ["all zero", `${header}.${payload}.${"A".repeat(43)}`],
    ["of one zero byte", `${header}.${payload}.AA`],
    ["the word null", `${header}.${payload}.null`],
    ["longer", `${reference}AAA`],
    ["of another payload", `${header}.${base64url(JSON.stringify({ ...referenceClaims, user_id: 1 }))}.${signature}`],
    ["of another secret", forge(hs256, `{"exp":${exp}}`, "another")],
    ["of the empty secret", forge(hs256, `{"exp":${exp}}`, "")],
  ];
  for (const [title, token] of signatures) {
    test(`a signature is refused that is ${title}`, async () => {
      await assert.rejects(arrange().verify(token), TokenInvalid);
    });
  }

  for (const token of ["", ".", "..", "...", "a.b.c", "null", "x".repeat(100_000), `${".".repeat(100_000)}`]) {
    test(`"${token.slice(0, 10)}", ${token.length} characters, is no token`, async () => {
      await assert.rejects(arrange().verify(token), TokenInvalid);
    });
  }

  test("a public key is never the secret of an HMAC", async () => {
    const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const pem = publicKey.export({ type: "spki", format: "pem" });
    const der = publicKey.export({ type: "spki", format: "der" });
    const { verify } = arrange({ algorithms: ["RS256", "HS256"], keys: [{ key: publicKey }, { key: secret }] });
    for (const key of [pem, pem.toString().trim(), der]) {
      await assert.rejects(verify(forge(hs256, `{"exp":${exp}}`, key)), TokenInvalid);
      await assert.rejects(verify(forge('{"alg":"RS256"}', `{"exp":${exp}}`, key)), TokenInvalid);
    }
  });

  test("no error says what was in the token", async () => {
    const bad = [reference.replace("Y-Oq", "AAAA"), forge(hs256, "s3cret-text"), withClaims({ exp: "s3cret-text" })];
    for (const token of bad) {
      await assert.rejects(arrange().verify(token), (error) => {
        assert(error instanceof TokenError);
        assert.equal(error.cause, undefined);
        for (const part of [token, ...token.split("."), "s3cret-text"]) assert(!error.message.includes(part));
        return true;
      });
    }
  });
});

describe("claims", () => {
  test("a token expires at the second in exp, not after it", async () => {
    const { clock, verify } = arrange();
    clock.seconds = 1_700_000_299.999;
    await verify(reference);
    const later = arrange();
    later.clock.seconds = 1_700_000_300;
    await assert.rejects(later.verify(reference), TokenExpired);
  });

  test("leeway is added on both sides", async () => {
    const options = { leewaySeconds: 10 };
    const late = arrange(options);
    late.clock.seconds = 1_700_000_309;
    await late.verify(reference);
    late.clock.seconds = 1_700_000_310;
    await assert.rejects(late.verify(reference), TokenExpired);
    await arrange(options).verify(withClaims({ exp: issuedAt + 60, nbf: issuedAt + 10, iat: issuedAt + 10 }));
    await assert.rejects(
      arrange(options).verify(withClaims({ exp: issuedAt + 60, nbf: issuedAt + 11 })),
      TokenNotYetValid,
    );
  });

  for (const claim of ["nbf", "iat"]) {
    test(`a token whose ${claim} lies in the future is refused`, async () => {
      const token = withClaims({ exp: issuedAt + 60, [claim]: issuedAt + 1 });
      const { clock, verify } = arrange();
      await assert.rejects(verify(token), TokenNotYetValid);
      clock.seconds += 1;
      await verify(token);
    });
  }

  const times = ['"1700000300"', '"soon"', "null", "true", "[1700000300]", "{}", "253402300800", "1e400"];
  for (const value of times) {
    test(`exp ${value} is refused`, async () => {
      await assert.rejects(arrange().verify(forge(hs256, `{"exp":${value}}`)), TokenClaimInvalid);
    });
    test(`nbf ${value} is refused`, async () => {
      const token = forge(hs256, `{"exp":${issuedAt + 60},"nbf":${value}}`);
      await assert.rejects(arrange().verify(token), { claim: "nbf", code: "token_claim_invalid" });
    });
  }

  test("a token without exp is refused", async () => {
    await assert.rejects(arrange().verify(withClaims({ user_id: 3 })), { claim: "exp" });
  });

  test("the last second of the year 9999 and fractions of seconds are times", async () => {
    await arrange().verify(withClaims({ exp: 253_402_300_799 }));
    await arrange().verify(withClaims({ exp: issuedAt + 0.5 }));
  });

  test("a negative exp has passed", async () => {
    await assert.rejects(arrange().verify(withClaims({ exp: -1 })), TokenExpired);
  });

  test("aud and iss are ignored unless they are expected", async () => {
    await arrange().verify(withClaims({ exp: issuedAt + 60, aud: "x", iss: "y" }));
  });

  test("an expected audience must be in aud", async () => {
    const { verify } = arrange({ audience: ["api", "admin"] });
    await verify(withClaims({ exp: issuedAt + 60, aud: "api" }));
    await verify(withClaims({ exp: issuedAt + 60, aud: ["x", "admin"] }));
    for (const aud of ["x", "apis", ["x"], [["api"]], [], "", null, { api: 1 }, undefined]) {
      await assert.rejects(verify(withClaims({ exp: issuedAt + 60, aud })), { claim: "aud" });
    }
  });

  test("an expected issuer must be iss", async () => {
    const { verify } = arrange({ issuer: "us" });
    await verify(withClaims({ exp: issuedAt + 60, iss: "us" }));
    for (const iss of ["them", ["us"], null, undefined]) {
      await assert.rejects(verify(withClaims({ exp: issuedAt + 60, iss })), { claim: "iss" });
    }
  });

  test("claims are frozen, nested ones too", async () => {
    const claims = await arrange().verify(withClaims({ exp: issuedAt + 60, roles: [{ name: "editor" }] }));
    assert(Object.isFrozen(claims));
    assert(Array.isArray(claims.roles) && Object.isFrozen(claims.roles) && Object.isFrozen(claims.roles[0]));
  });

  test('a claim named "__proto__" is a claim like any other', async () => {
    const claims = await arrange().verify(forge(hs256, `{"exp":${issuedAt + 60},"__proto__":{"user_id":1}}`));
    assert.equal(claims.user_id, undefined);
  });
});

describe("a token that was verified before", () => {
  test("is answered at once, with the same claims", async () => {
    const { verifier } = arrange();
    const claims = await verifier.verify(reference);
    assert.equal(verifier.verify(reference), claims);
  });

  test("is refused once it has expired", async () => {
    const { clock, verify, verifier } = arrange();
    await verify(reference);
    clock.seconds = 1_700_000_300;
    assert.throws(() => verifier.verify(reference), TokenExpired);
    clock.seconds = 1_700_000_299;
    await verify(reference);
  });

  test("is refused when the clock is set back before nbf", async () => {
    const { clock, verify, verifier } = arrange();
    const token = withClaims({ exp: issuedAt + 60, nbf: issuedAt });
    await verify(token);
    clock.seconds = issuedAt - 1;
    assert.throws(() => verifier.verify(token), TokenNotYetValid);
  });

  test("is forgotten when too many others were used since", async () => {
    const { verify, verifier } = arrange({ cacheSize: 2 });
    const [a, b, c] = [1, 2, 3].map((user_id) => withClaims({ exp: issuedAt + 60, user_id }));
    assert(a && b && c);
    // Claims that are kept are the same object.
    const firstOfA = await verify(a);
    const firstOfB = await verify(b);
    await verify(a);
    const firstOfC = await verify(c);
    assert.equal(verifier.verify(a), firstOfA, "used lately");
    assert.equal(verifier.verify(c), firstOfC, "used last");
    assert.notEqual(verifier.verify(b), firstOfB, "least recently used");
  });

  test("is verified again every time when the cache has no room", async () => {
    const { verify, verifier } = arrange({ cacheSize: 0 });
    const first = await verify(reference);
    assert.notEqual(verifier.verify(reference), first);
  });

  test("a refusal is not remembered", async () => {
    const { clock, verify } = arrange();
    clock.seconds = 1_700_000_300;
    await assert.rejects(verify(reference), TokenExpired);
    await assert.rejects(verify(reference), TokenExpired);
    clock.seconds = 1_700_000_299;
    assert.equal((await verify(reference)).user_id, 3);
  });
});

describe("keys", () => {
  test("tokens of an older secret verify while it is listed", async () => {
    const keys = [{ key: "the new secret" }, { key: secret }];
    assert.equal((await arrange({ keys }).verify(reference)).user_id, 3);
    await assert.rejects(arrange({ keys: keys.slice(0, 1) }).verify(reference), TokenInvalid);
  });

  test("the kid of a token chooses among named keys", async () => {
    const sign = (kid: string) => createSigner({ algorithm: "HS256", key: secret, kid }).sign({ exp: issuedAt + 60 });
    const { verify } = arrange({
      keys: [
        { key: "other", kid: "a" },
        { key: secret, kid: "b" },
      ],
    });
    await verify(await sign("b"));
    await assert.rejects(verify(await sign("a")), TokenInvalid);
    await assert.rejects(verify(await sign("c")), TokenInvalid);
    await verify(reference);
  });

  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const short = generateKeyPairSync("rsa", { modulusLength: 1024 });
  const wrong: [string, () => unknown][] = [
    ["an empty secret", () => createSigner({ algorithm: "HS256", key: "" })],
    [
      "the text of a public key as a secret",
      () => arrange({ keys: [{ key: pair.publicKey.export({ type: "spki", format: "pem" }).toString() }] }),
    ],
    ["a secret for RS256", () => createSigner({ algorithm: "RS256", key: secret })],
    ["a key pair for HS256", () => createSigner({ algorithm: "HS256", key: pair.privateKey })],
    ["a public key to sign with", () => createSigner({ algorithm: "ES256", key: pair.publicKey })],
    ["a private key to verify with", () => arrange({ algorithms: ["ES256"], keys: [{ key: pair.privateKey }] })],
    ["a key of another curve", () => createSigner({ algorithm: "ES384", key: pair.privateKey })],
    ["an RSA key of 1024 bits", () => createSigner({ algorithm: "RS256", key: short.privateKey })],
    ["no key", () => arrange({ keys: [] })],
    ["no algorithm", () => arrange({ algorithms: [] })],
    ["a key that no accepted algorithm uses", () => arrange({ keys: [{ key: secret }, { key: pair.publicKey }] })],
    ["a negative cache", () => arrange({ cacheSize: -1 })],
  ];
  for (const [title, make] of wrong) {
    test(`${title} is refused at the start`, () => {
      assert.throws(make, TypeError);
    });
  }

  for (const algorithm of ["none", "HS1", "__proto__"]) {
    test(`the algorithm "${algorithm}" cannot be configured`, () => {
      // As it would come from an environment variable that nobody checked.
      const options = JSON.parse(JSON.stringify({ algorithm, key: secret }));
      assert.throws(() => createSigner(options), TypeError);
    });
  }
});
