/**
 * What is tried against tokens, from outside: every attempt is a 401 that says the same, and never a fault of ours.
 * Reference: RFC 8725, RFC 7515 to 7519, the playbook of jwt_tool.
 */
import assert from "node:assert/strict";
import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { defineApp } from "../../src/app/index.ts";
import { endpoint, permission } from "../../src/resource/index.ts";
import { secretKey, start, startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";
import { sendRaw } from "../http-client.ts";
import { base64url, ecdsa, forge, hmac, readToken, rsa, type Sign } from "./forge.ts";

const app = defineApp({
  resources: {},
  endpoints: {
    me: endpoint({
      permissions: [permission.authenticated()],
      methods: { GET: { run: ({ user }) => ({ id: user?.id }) } },
    }),
  },
});

const rsaPair = generateKeyPairSync("rsa", { modulusLength: 2048 });
const otherRsaPair = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ecPair = generateKeyPairSync("ec", { namedCurve: "P-256" });
const otherEcPair = generateKeyPairSync("ec", { namedCurve: "P-256" });
const pem = (key: typeof rsaPair.privateKey): string => key.export({ type: "pkcs8", format: "pem" }).toString();

const seconds = start / 1000;
/** Claims that are right. */
const good = { token_type: "access", exp: seconds + 60, iat: seconds, jti: "f".repeat(32), user_id: 1 };
const hs256 = { alg: "HS256", typ: "JWT" };
const right = hmac(secretKey);

/** A token's parts with another signature. */
const signedWith = (token: string, signature: string): string =>
  `${token.slice(0, token.lastIndexOf("."))}.${signature}`;

for (const { name, create } of databases) {
  for (const algorithm of ["HS256", "RS256", "ES256"] as const) {
    describe(`attacks on tokens of ${algorithm}, on ${name}`, () => {
      let test: TestApp;
      /** A token that is right, and what it is refused with when it is not. */
      let access: string;
      let refresh: string;
      before(async () => {
        const signingKey = { HS256: "", RS256: pem(rsaPair.privateKey), ES256: pem(ecPair.privateKey) }[algorithm];
        test = await startTestApp(app, await create(), { settings: { algorithm, signingKey } });
        await test.user("alice");
        const { json } = await test.client("POST", "/api/token/", {
          json: { username: "alice", password: "alice-pass" },
        });
        ({ access, refresh } = json);
        assert.equal((await ask(access)).status, 200);
      });
      after(() => test.stop());

      const sign: Sign = { HS256: right, RS256: rsa(rsaPair.privateKey), ES256: ecdsa(ecPair.privateKey) }[algorithm];
      const header = (more: object = {}) => ({ ...readToken(access).header, ...more });
      const signed = (claims: unknown, more: object = {}) => forge(header(more), claims, sign);

      const ask = (token: string) =>
        test.client("GET", "/api/v1/me/", { headers: { authorization: `Bearer ${token}` } });
      const verify = (token: unknown) => test.client("POST", "/api/token/verify/", { json: { token } });
      const renew = (token: unknown) => test.client("POST", "/api/token/refresh/", { json: { refresh: token } });

      /** In the header of a request and in the bodies that take tokens. */
      async function assertRefused(token: string, what: string): Promise<void> {
        const answer = await ask(token);
        assert.equal(answer.status, 401, `${what}: ${answer.text}`);
        assert.deepEqual(
          answer.json,
          {
            detail: "Given token not valid for any token type",
            code: "token_not_valid",
            messages: [
              { token_class: "AccessToken", token_type: "access", message: "The token is not valid or has expired." },
            ],
          },
          what,
        );
        assert.equal(answer.headers.get("www-authenticate"), 'Bearer realm="api"', what);
        for (const { status, json } of [await verify(token), await renew(token)]) {
          assert.equal(status, 401, what);
          assert.deepEqual(json, { detail: "The token is not valid or has expired.", code: "token_not_valid" }, what);
        }
        assert.deepEqual(test.faults, [], what);
      }

      it("a token that is made by hand and right is taken: what follows is refused for its one fault", async () => {
        assert.equal((await ask(signed(good))).status, 200);
        assert.equal((await verify(signed(good))).status, 200);
      });

      it("none is no algorithm, however it is spelled", async () => {
        for (const alg of ["none", "None", "NONE", "nOnE", "NoNe", "none ", " none", "none\0", "", "null", "HS0"]) {
          for (const signature of ["", "AA", access.split(".")[2] ?? ""])
            await assertRefused(
              signedWith(
                forge(header({ alg }), good, () => ""),
                signature,
              ),
              `alg "${alg}"`,
            );
        }
      });

      it("an algorithm that is not the server's is refused, also where its signature is right", async () => {
        const others: Readonly<Record<string, Sign>> = {
          HS384: hmac(secretKey, "sha384"),
          HS512: hmac(secretKey, "sha512"),
          RS384: rsa(rsaPair.privateKey, "sha384"),
          RS512: rsa(rsaPair.privateKey, "sha512"),
          ES384: ecdsa(ecPair.privateKey, "sha384"),
          HS256: hmac(secretKey),
          RS256: rsa(rsaPair.privateKey),
          ES256: ecdsa(ecPair.privateKey),
        };
        for (const [alg, sign] of Object.entries(others))
          if (alg !== algorithm) await assertRefused(forge(header({ alg }), good, sign), alg);
        for (const alg of [
          null,
          true,
          0,
          [],
          ["HS256"],
          {},
          undefined,
          "hs256",
          "__proto__",
          "constructor",
          "toString",
        ])
          await assertRefused(forge(header({ alg }), good, sign), JSON.stringify(alg) ?? "no alg");
      });

      it("a public key is never the secret of an HMAC", async () => {
        const { publicKey } = algorithm === "ES256" ? ecPair : rsaPair;
        const spki = publicKey.export({ type: "spki", format: "pem" }).toString();
        const jwk = publicKey.export({ format: "jwk" });
        const secrets = [
          ...[
            spki,
            spki.trim(),
            spki.replaceAll("\n", "\r\n"),
            spki.replaceAll("\n", "\\n"),
            spki.replaceAll("\n", ""),
          ],
          ...[publicKey.export({ type: "spki", format: "der" }), spki.split("\n").slice(1, -2).join("")],
          ...[JSON.stringify(jwk), JSON.stringify(jwk, null, 2), JSON.stringify({ keys: [jwk] })],
          ...(jwk.n === undefined ? [] : [jwk.n, Buffer.from(jwk.n, "base64url")]),
          ...(algorithm === "RS256" ? [rsaPair.publicKey.export({ type: "pkcs1", format: "pem" }).toString()] : []),
          ...(algorithm === "RS256" ? [rsaPair.publicKey.export({ type: "pkcs1", format: "der" })] : []),
        ];
        for (const secret of secrets) {
          await assertRefused(forge({ ...header(), alg: "HS256" }, good, hmac(secret)), "as HS256");
          await assertRefused(forge(header(), good, hmac(secret)), `as ${algorithm}`);
        }
      });

      it("secrets that everybody tries are refused", async () => {
        for (const secret of ["", "\0", "secret", "changeme", "your-256-bit-secret", "null", secretKey.slice(0, -1)])
          await assertRefused(forge(hs256, good, hmac(secret)), secret);
      });

      it("a key that comes with the token is not looked at", async () => {
        const own = createPublicKey(otherRsaPair.privateKey).export({ format: "jwk" });
        const ownEc = createPublicKey(otherEcPair.privateKey).export({ format: "jwk" });
        const oct = { kty: "oct", k: base64url("x".repeat(32)) };
        const url = "http://127.0.0.1:9/keys.json";
        for (const more of [
          { jwk: own },
          { jku: url },
          { x5u: url },
          { x5c: ["MIIB"] },
          { x5t: "AA" },
          { "x5t#S256": "AA" },
        ]) {
          await assertRefused(
            forge({ alg: "RS256", typ: "JWT", ...more }, good, rsa(otherRsaPair.privateKey)),
            "RS256",
          );
          await assertRefused(
            forge({ alg: "ES256", typ: "JWT", ...more }, good, ecdsa(otherEcPair.privateKey)),
            "ES256",
          );
          await assertRefused(forge({ ...hs256, ...more }, good, hmac("x".repeat(32))), "HS256");
        }
        await assertRefused(forge({ alg: "ES256", jwk: ownEc }, good, ecdsa(otherEcPair.privateKey)), "jwk, EC");
        await assertRefused(forge({ ...hs256, jwk: oct }, good, hmac("x".repeat(32))), "jwk, oct");
      });

      it("a kid is no path, no query and no command", async () => {
        const kids = [
          ...["", "/dev/null", "../../../../dev/null", "file:///dev/null", "/etc/passwd", "C:\\windows\\win.ini"],
          ...[
            "' OR 1=1 --",
            "x' UNION SELECT 'x",
            "x'; DROP TABLE auth_user; --",
            "|sleep 5",
            "$(id)",
            "a\0b",
            "\u202e",
          ],
          ...[
            "x".repeat(5000),
            "__proto__",
            "constructor",
            0,
            1,
            -1,
            true,
            false,
            null,
            [],
            ["a"],
            {},
            { $ne: 1 },
            1e300,
          ],
        ];
        for (const kid of kids)
          for (const secret of ["", "x", "\0", "AA=="])
            await assertRefused(forge({ ...header(), kid }, good, hmac(secret)), JSON.stringify(kid));
      });

      it("a signature that is missing, cut, longer or of nothing is refused", async () => {
        const { length } = Buffer.from(access.split(".")[2] ?? "", "base64url");
        const bytes = Buffer.from(access.split(".")[2] ?? "", "base64url");
        const flipped = Buffer.from(bytes);
        flipped[0] = (flipped[0] ?? 0) ^ 1;
        for (const signature of [
          ...[Buffer.alloc(0), Buffer.alloc(1), Buffer.alloc(length), Buffer.alloc(length, 255), bytes.subarray(0, -1)],
          ...[
            bytes.subarray(1),
            Buffer.concat([bytes, Buffer.alloc(1)]),
            Buffer.concat([Buffer.alloc(1), bytes]),
            flipped,
          ],
          ...[bytes.subarray(0, length / 2), Buffer.concat([bytes, bytes]), Buffer.from("null")],
        ])
          await assertRefused(signedWith(access, base64url(signature)), `${signature.length} bytes`);
        await assertRefused(access.slice(0, access.lastIndexOf(".")), "two parts");
        const [head = "", , signature = ""] = access.split(".");
        await assertRefused(
          `${head}.${base64url(JSON.stringify({ ...good, user_id: 2 }))}.${signature}`,
          "another payload",
        );
      });

      if (algorithm === "ES256") {
        it("numbers of a signature that are zero or the order of the curve are refused, and so is DER", async () => {
          const order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
          const zero = "0".repeat(64);
          const one = `${"0".repeat(63)}1`;
          for (const [r, s] of [
            [zero, zero],
            [zero, one],
            [one, zero],
            [order, order],
            [order, one],
            [one, order],
            [zero, order],
          ])
            await assertRefused(signedWith(access, base64url(Buffer.from(`${r}${s}`, "hex"))), `${r} ${s}`);
          await assertRefused(forge(header(), good, ecdsa(ecPair.privateKey, "sha256", "der")), "DER");
        });
      }

      it("a right token has one spelling", async () => {
        const [head = "", payload = "", signature = ""] = access.split(".");
        const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        const last = alphabet.indexOf(signature.at(-1) ?? "");
        // The last character carries four bits or two that count.
        const unusedBits = signature.length % 4 === 3 ? 2 : 4;
        const spelled = `${signature.slice(0, -1)}${alphabet[last + 2 ** unusedBits - 1]}`;
        await assertRefused(signedWith(access, spelled), "bits that do not count");
        for (const token of [
          ...[`${access}=`, `${access}==`, `${head}=.${payload}.${signature}`, `${head}.${payload}==.${signature}`],
          ...[`.${access}`, `${access}.`, `${access}.${signature}`, `${head}..${payload}.${signature}`],
          ...[`${access}%3D`, `${access},`, `${access};`, `"${access}"`, `+${access}`, `${access}/`],
        ])
          await assertRefused(token, token.slice(0, 8));
        for (const blank of [" ", "\t", "\n", "\r\n", "\u00a0", "\u2028", "\0"]) {
          const inside = `${head}.${payload.slice(0, 4)}${blank}${payload.slice(4)}.${signature}`;
          assert.equal((await verify(inside)).status, blank === "\0" ? 400 : 401, JSON.stringify(blank));
        }
        assert.deepEqual(test.faults, []);
      });

      it("an encrypted token and the forms in JSON are refused", async () => {
        const [head = "", payload = "", signature = ""] = access.split(".");
        const jwe = base64url(JSON.stringify({ alg: "dir", enc: "A256GCM" }));
        await assertRefused(`${jwe}..AAAAAAAAAAAAAAAA.${payload}.AAAAAAAAAAAAAAAAAAAAAA`, "JWE");
        await assertRefused(`${head}.${payload}.${signature}.${payload}.${signature}`, "five parts");
        const forms = [
          JSON.stringify({ payload, protected: head, signature }),
          JSON.stringify({ payload, signatures: [{ protected: head, signature }] }),
        ];
        for (const text of forms) {
          await assertRefused(text, "JSON");
          for (const value of [JSON.parse(text), [text], [access]]) assert.equal((await verify(value)).status, 400);
        }
      });

      it("what is marked critical, and a payload that is not encoded, are refused", async () => {
        for (const more of [
          ...[
            { crit: ["x"], x: 1 },
            { crit: ["exp"], exp: 1 },
            { crit: [] },
            { crit: null },
            { crit: "exp" },
            { crit: ["b64"] },
          ],
          ...[{ b64: false }, { b64: true }, { b64: null }, { b64: false, crit: ["b64"] }],
        ])
          await assertRefused(signed(good, more), JSON.stringify(more));
        const [head = ""] = forge(header({ b64: false, crit: ["b64"] }), "", () => "").split(".");
        const unencoded = `${head}.${JSON.stringify(good)}`;
        await assertRefused(`${unencoded}.${base64url(sign(unencoded))}`, "RFC 7797");
      });

      it("a header or a payload that is no object is refused, also under a right signature", async () => {
        for (const text of [
          "",
          "null",
          "1",
          "true",
          "[]",
          '"x"',
          "{",
          '{"exp":1',
          "{'a':1}",
          "\ufeff{}",
          "NaN",
          "{}{}",
        ]) {
          await assertRefused(forge(text, good, sign), `header ${text}`);
          await assertRefused(signed(text), `payload ${text}`);
        }
        await assertRefused(signed(Buffer.from([0x7b, 0xff, 0x7d])), "no UTF-8");
        await assertRefused(forge(Buffer.from([0x7b, 0xff, 0x7d]), good, sign), "no UTF-8");
      });

      it("very deep JSON is refused or read, and harms nobody", async () => {
        for (const depth of [100, 1000, 5000]) {
          const deep = `${"[".repeat(depth)}${"]".repeat(depth)}`;
          const { status } = await ask(signed(`{"deep":${deep},${JSON.stringify(good).slice(1)}`));
          assert.ok(status === 200 || status === 401, `${status}`);
          await assertRefused(
            forge(`{"alg":"none","x":${deep}}`, good, () => ""),
            `a header ${depth} deep`,
          );
        }
        assert.deepEqual(test.faults, []);
      });

      const odd = [null, true, false, 0, -1, 1.5, 1e20, 2 ** 53, [], {}, "", "1", "x", [1], { a: 1 }, "x".repeat(3000)];

      it("times that are no times are refused", async () => {
        for (const claim of ["exp", "nbf", "iat"]) {
          for (const value of [
            null,
            true,
            false,
            [],
            {},
            "",
            `${seconds + 60}`,
            "soon",
            [seconds + 60],
            1e20,
            253402300800,
          ])
            await assertRefused(signed({ ...good, [claim]: value }), `${claim} ${JSON.stringify(value)}`);
          await assertRefused(
            signed(JSON.stringify({ ...good, [claim]: 0 }).replace(`"${claim}":0`, `"${claim}":1e400`)),
            `${claim} 1e400`,
          );
        }
        for (const exp of [0, -1, -1e20, seconds - 0.5, undefined])
          await assertRefused(signed({ ...good, exp }), `exp ${exp}`);
        for (const time of [seconds + 1, seconds + 0.5]) {
          await assertRefused(signed({ ...good, nbf: time }), `nbf ${time}`);
          await assertRefused(signed({ ...good, iat: time }), `iat ${time}`);
        }
        assert.equal((await ask(signed({ ...good, exp: seconds + 0.5, nbf: -1, iat: 0.5 }))).status, 200);
      });

      it("a token that expires now has expired", async () => {
        await assertRefused(signed({ ...good, exp: seconds }), "exp is now");
        assert.equal((await ask(signed({ ...good, exp: seconds + 1 }))).status, 200);
      });

      it("a kind of token that is another, or none, is refused", async () => {
        for (const token_type of [
          ...odd,
          undefined,
          "refresh",
          "sliding",
          "untyped",
          "ACCESS",
          "access ",
          ["access"],
        ]) {
          const answer = await ask(signed({ ...good, token_type }));
          assert.equal(answer.status, 401, JSON.stringify(token_type));
          assert.equal(answer.json.code, "token_not_valid");
        }
        assert.equal((await ask(refresh)).status, 401, "refresh as access");
        assert.equal((await renew(access)).status, 401, "access as refresh");
        assert.equal((await test.client("POST", "/api/token/blacklist/", { json: { refresh: access } })).status, 401);
        assert.equal((await renew(refresh)).status, 200);
        assert.deepEqual(test.faults, []);
      });

      it("a user that is no user's key is nobody", async () => {
        for (const user_id of [
          ...odd.filter((value) => value !== "1"),
          undefined,
          "01x",
          "1 ",
          " 1",
          "+1",
          "0x1",
          "1e0",
          "1;2",
          [1],
          "٣",
        ]) {
          const { status, json } = await ask(signed({ ...good, user_id }));
          assert.equal(status, 401, JSON.stringify(user_id));
          assert.deepEqual(Object.keys(json), ["detail", "code"]);
        }
        assert.deepEqual(test.faults, []);
      });

      it("a key of a token that is no text is refused where it is looked up", async () => {
        for (const jti of odd.filter((value) => typeof value !== "string")) {
          const fresh = signed({ ...good, token_type: "refresh", jti });
          for (const { status } of [await renew(fresh), await verify(fresh)])
            assert.equal(status, 401, JSON.stringify(jti));
        }
        for (const jti of ["", "' OR 1=1 --", "\0", "x".repeat(255), "x".repeat(256)]) {
          const { status } = await renew(signed({ ...good, token_type: "refresh", jti }));
          const isKey = !jti.includes("\0") && jti.length <= 255;
          assert.equal(status, isKey ? 200 : 401, JSON.stringify(jti));
        }
        await assertRefused(signed({ ...good, jti: undefined }), "without jti");
        assert.deepEqual(test.faults, []);
      });

      it("other registered claims may be anything, and change nothing", async () => {
        for (const claim of ["iss", "sub", "aud", "scope", "__proto__", "constructor", "toJSON"])
          for (const value of odd) {
            const { status, json } = await ask(
              signed(`{${JSON.stringify(claim)}:${JSON.stringify(value)},${JSON.stringify(good).slice(1)}`),
            );
            assert.deepEqual([status, json], [200, { id: 1 }], `${claim} ${JSON.stringify(value)}`);
          }
        assert.deepEqual(test.faults, []);
      });

      it("of two claims of one name the last one counts, whoever reads first", async () => {
        const twice = (first: string, second: string) =>
          signed(`{${first},${JSON.stringify(good).slice(1, -1)},${second}}`);
        await assertRefused(twice('"a":1', '"exp":1'), "exp");
        assert.deepEqual((await ask(twice('"user_id":2', '"a":1'))).json, { id: 1 });
      });

      it("a token of a megabyte is refused before it is read", async () => {
        assert.equal((await ask(signed({ ...good, x: "x".repeat(20_000) }))).status, 431);
        const huge = signed({ ...good, x: "x".repeat(2 ** 20) });
        for (const text of [huge, "x".repeat(2 ** 20), ".".repeat(2 ** 20), `${base64url("{")}.`.repeat(10_000)])
          for (const { status } of [await verify(text), await renew(text)]) assert.equal(status, 401);
        assert.deepEqual(test.faults, []);
      });

      it("line ends and second headers say nothing", async () => {
        const { host } = new URL(test.client.base);
        const raw = (lines: string) =>
          sendRaw(
            test.client.base,
            `GET /api/v1/me/ HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${lines}\r\n\r\n`,
          );
        assert.equal(await raw(`Authorization: Bearer ${access}`), 200);
        const [head = "", ...others] = access.split(".");
        for (const end of ["\r\n", "\n", "\r", "\0", "\r\n "]) {
          const status = await raw(`Authorization: Bearer ${head}.${end}${others.join(".")}`);
          assert.ok(status === 400 || status === 401, `${JSON.stringify(end)}: ${status}`);
        }
        // The first one counts (node:http), so a second one cannot replace it.
        assert.equal(await raw(`Authorization: Bearer x\r\nAuthorization: Bearer ${access}`), 401);
        for (const value of ["Bearer", "Bearer ", `Bearer  ${access} x`, `Bearer ${access} ${access}`])
          assert.equal(await raw(`Authorization: ${value}`), 401, value);
        assert.equal((await test.client("GET", `/api/v1/me/?access_token=${access}&token=${access}`)).status, 401);
        assert.deepEqual(test.faults, []);
      });
    });
  }

  describe(`tokens of others, on ${name}`, () => {
    let test: TestApp;
    before(async () => {
      const settings = { issuer: "https://us.example.com", audience: ["api", "admin"], leewaySeconds: 30 };
      test = await startTestApp(app, await create(), { settings });
      await test.user("alice");
    });
    after(() => test.stop());
    const ours = { ...good, iss: "https://us.example.com", aud: "api" };
    const statusOf = async (claims: object): Promise<number> =>
      (
        await test.client("GET", "/api/v1/me/", {
          headers: { authorization: `Bearer ${forge(hs256, claims, right)}` },
        })
      ).status;

    it("a token of another issuer, or for another audience, is refused", async () => {
      assert.equal(await statusOf(ours), 200);
      assert.equal(await statusOf({ ...ours, aud: ["x", "admin"] }), 200);
      for (const iss of [
        "https://them.example.com",
        "https://us.example.com/",
        "HTTPS://US.EXAMPLE.COM",
        [ours.iss],
        {},
        null,
        0,
        "",
        undefined,
      ])
        assert.equal(await statusOf({ ...ours, iss }), 401, JSON.stringify(iss));
      for (const aud of ["x", "API", "api ", ["x"], [["api"]], [], {}, { 0: "api" }, null, true, 0, "", undefined])
        assert.equal(await statusOf({ ...ours, aud }), 401, JSON.stringify(aud));
    });

    it("leeway is taken on both sides, to the second", async () => {
      assert.equal(await statusOf({ ...ours, exp: seconds - 29 }), 200);
      assert.equal(await statusOf({ ...ours, exp: seconds - 30 }), 401);
      assert.equal(await statusOf({ ...ours, nbf: seconds + 30, iat: seconds + 30 }), 200);
      assert.equal(await statusOf({ ...ours, nbf: seconds + 31 }), 401);
      assert.equal(await statusOf({ ...ours, iat: seconds + 31 }), 401);
    });

    it("no attempt was a fault of ours", () => assert.deepEqual(test.faults, []));
  });
}
