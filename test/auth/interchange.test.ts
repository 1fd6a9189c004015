/** Tokens of SimpleJWT are taken here and ours there: by SimpleJWT itself where it is installed, else by tokens that it made. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defineApp } from "../../src/app/index.ts";
import { endpoint, permission } from "../../src/resource/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";
import recorded from "./interchange/recorded.json" with { type: "json" };
import { askSimpleJwt, hasSimpleJwt, type Question } from "./interchange/simplejwt.ts";

const app = defineApp({
  resources: {},
  endpoints: {
    me: endpoint({
      permissions: [permission.authenticated()],
      methods: { GET: { run: ({ user }) => ({ name: user?.username }) } },
    }),
  },
});
const isHere = hasSimpleJwt();
/** What a token is does not depend on the database: the slow part is done on one. */
const skipOn = (name: string) =>
  name === databases[0]?.name ? !isHere && "SimpleJWT is not on this machine" : "done on the first database";

interface Tokens {
  readonly access: string;
  readonly refresh: string;
  readonly sliding: string;
}

/** Asks SimpleJWT, which goes by the clock of the machine; then ours shows the same. */
function ask(test: TestApp, question: Question): ReturnType<typeof askSimpleJwt> {
  const answer = askSimpleJwt(question);
  test.clock.now = Date.now();
  return answer;
}

for (const { name, create } of databases) {
  for (const { algorithm, signingKey, verifyingKey, tokens } of recorded) {
    describe(`SimpleJWT with ${algorithm}, on ${name}`, () => {
      const withApp = async (work: (parts: Awaited<ReturnType<typeof arrange>>) => Promise<void>): Promise<void> => {
        const parts = await arrange();
        try {
          await work(parts);
        } finally {
          await parts.test.stop();
        }
      };
      const arrange = async () => {
        const test = await startTestApp(app, await create(), {
          settings: { algorithm, signingKey, verifyingKey, slidingTokens: true, refreshGraceSeconds: 0 },
        });
        const alice = await test.user("alice");
        const post = (path: string, json: unknown) => test.client("POST", `/api/token/${path}`, { json });
        const assertTaken = async ({ access, refresh, sliding }: Tokens): Promise<void> => {
          for (const token of [access, sliding]) {
            const headers = { authorization: `Bearer ${token}` };
            assert.deepEqual((await test.client("GET", "/api/v1/me/", { headers })).json, { name: "alice" });
          }
          for (const token of [access, refresh, sliding]) assert.equal((await post("verify/", { token })).status, 200);
          assert.equal((await post("refresh/", { refresh })).status, 200);
          assert.equal((await post("refresh/", { refresh })).status, 401, "used already");
          assert.equal((await post("sliding/refresh/", { token: sliding })).status, 200);
        };
        return { test, alice, post, assertTaken };
      };

      it("recorded tokens are taken", () =>
        withApp(async ({ alice, assertTaken }) => {
          assert.equal(alice.id, 1);
          await assertTaken(tokens);
        }));

      it("its tokens are taken here, and ours there", { skip: skipOn(name) }, () =>
        withApp(async ({ test, alice, post, assertTaken }) => {
          const settings = { ALGORITHM: algorithm, SIGNING_KEY: signingKey, VERIFYING_KEY: verifyingKey };
          await assertTaken(ask(test, { settings, make: { user_id: alice.id } }));

          const who = { username: "alice", password: "alice-pass" };
          const pair = (await post("", who)).json;
          const rotated = (await post("refresh/", { refresh: pair.refresh })).json;
          const sliding = (await post("sliding/", who)).json.token;
          const slid = (await post("sliding/refresh/", { token: sliding })).json.token;
          const ours: readonly (readonly [string, string])[] = [
            ...[["access", pair.access] as const, ["refresh", pair.refresh] as const, ["sliding", sliding] as const],
            ...[["access", rotated.access] as const, ["refresh", rotated.refresh] as const, ["sliding", slid] as const],
          ];
          const swapped = [["access", pair.refresh] as const, ["refresh", pair.access] as const];
          const claims = ask(test, { settings, read: [...ours, ...swapped] });
          for (const [i, [kind]] of ours.entries())
            assert.deepEqual([claims[i]?.token_type, claims[i]?.user_id], [kind, alice.id]);
          assert.deepEqual(claims.slice(ours.length), [null, null]);
        }),
      );
    });
  }

  describe(`SimpleJWT with an audience and an issuer, on ${name}`, () => {
    it("both sides ask for them", { skip: skipOn(name) }, async () => {
      const test = await startTestApp(app, await create(), { settings: { audience: ["api"], issuer: "us" } });
      try {
        test.clock.now = Date.now();
        const alice = await test.user("alice");
        const settings = {
          ALGORITHM: "HS256",
          SIGNING_KEY: "a secret of tests, thirty-two characters",
          AUDIENCE: "api",
          ISSUER: "us",
        };
        const access = alice.bearer.authorization.slice("Bearer ".length);
        const read = [["access", access] as const];
        assert.equal(ask(test, { settings, read })[0].user_id, alice.id);
        assert.deepEqual(ask(test, { settings: { ...settings, AUDIENCE: "x" }, read }), [null]);
        const statusOf = async (theirs: object): Promise<number> => {
          const { access } = ask(test, { settings: { ...settings, ...theirs }, make: { user_id: alice.id } });
          return (await test.client("GET", "/api/v1/me/", { headers: { authorization: `Bearer ${access}` } })).status;
        };
        assert.equal(await statusOf({}), 200);
        assert.equal(await statusOf({ ISSUER: "them" }), 401);
        assert.equal(await statusOf({ AUDIENCE: ["x"] }), 401);
      } finally {
        await test.stop();
      }
    });
  });
}
