/** Who may do what: every permission, asked over HTTP as nobody, a user, the owner, staff, and somebody with Django's permissions. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { defineApp } from "../../src/app/index.ts";
import { defineStatement } from "../../src/db/index.ts";
import { field, model } from "../../src/model/index.ts";
import { type Permission, permission, resource } from "../../src/resource/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { databases, type TestDatabase } from "../databases.ts";

const Note = model("desk.note", { fields: { text: field.text(), owner: field.owner() } });

const { admin, all, allowAny, any, authenticated, authenticatedOrReadOnly, modelPermissions, not, ownerOrReadOnly } =
  permission;

interface Untyped {
  check(context: { readonly user?: { readonly is_staff: boolean } }): unknown;
}
const untyped = (permission: Untyped): Permission => ({ name: "untyped", ...permission }) as Permission;

/** Statuses of GET, POST, PATCH, DELETE of the owner's row by nobody, a user, the owner, staff, the granted one. */
type Expected = Readonly<
  Record<"GET" | "POST" | "PATCH" | "DELETE", readonly [number, number, number, number, number]>
>;

const table: Readonly<Record<string, { permissions: readonly Permission[]; expected: Expected }>> = {
  anyone: {
    permissions: [allowAny()],
    expected: {
      GET: [200, 200, 200, 200, 200],
      POST: [401, 201, 201, 201, 201],
      PATCH: [200, 200, 200, 200, 200],
      DELETE: [204, 204, 204, 204, 204],
    },
  },
  authenticated: {
    permissions: [authenticated()],
    expected: {
      GET: [401, 200, 200, 200, 200],
      POST: [401, 201, 201, 201, 201],
      PATCH: [401, 200, 200, 200, 200],
      DELETE: [401, 204, 204, 204, 204],
    },
  },
  readers: {
    permissions: [authenticatedOrReadOnly()],
    expected: {
      GET: [200, 200, 200, 200, 200],
      POST: [401, 201, 201, 201, 201],
      PATCH: [401, 200, 200, 200, 200],
      DELETE: [401, 204, 204, 204, 204],
    },
  },
  admin: {
    permissions: [admin()],
    expected: {
      GET: [401, 403, 403, 200, 403],
      POST: [401, 403, 403, 201, 403],
      PATCH: [401, 403, 403, 200, 403],
      DELETE: [401, 403, 403, 204, 403],
    },
  },
  owner: {
    permissions: [authenticatedOrReadOnly(), ownerOrReadOnly("owner")],
    expected: {
      GET: [200, 200, 200, 200, 200],
      POST: [401, 201, 201, 201, 201],
      PATCH: [401, 403, 200, 403, 403],
      DELETE: [401, 403, 204, 403, 403],
    },
  },
  staff: {
    permissions: [ownerOrReadOnly("owner", { staff: true })],
    expected: {
      GET: [200, 200, 200, 200, 200],
      POST: [401, 201, 201, 201, 201],
      PATCH: [401, 403, 200, 200, 403],
      DELETE: [401, 403, 204, 204, 403],
    },
  },
  model: {
    permissions: [modelPermissions()],
    expected: {
      GET: [401, 200, 200, 200, 200],
      POST: [401, 403, 403, 403, 201],
      PATCH: [401, 403, 403, 403, 200],
      DELETE: [401, 403, 403, 403, 403],
    },
  },
  modelreaders: {
    permissions: [modelPermissions({ anonymousReadOnly: true })],
    expected: {
      GET: [200, 200, 200, 200, 200],
      POST: [401, 403, 403, 403, 201],
      PATCH: [401, 403, 403, 403, 200],
      DELETE: [401, 403, 403, 403, 403],
    },
  },
  either: {
    permissions: [any(admin(), all(authenticatedOrReadOnly(), ownerOrReadOnly("owner")))],
    expected: {
      GET: [200, 200, 200, 200, 200],
      POST: [401, 201, 201, 201, 201],
      PATCH: [401, 403, 200, 200, 403],
      DELETE: [401, 403, 204, 204, 403],
    },
  },
  both: {
    permissions: [all(authenticated(), not(admin()))],
    expected: {
      GET: [401, 200, 200, 403, 200],
      POST: [401, 201, 201, 403, 201],
      PATCH: [401, 200, 200, 403, 200],
      DELETE: [401, 204, 204, 403, 204],
    },
  },
  neither: {
    permissions: [not(any(admin(), not(authenticated())))],
    expected: {
      GET: [401, 200, 200, 403, 200],
      POST: [401, 201, 201, 403, 201],
      PATCH: [401, 200, 200, 403, 200],
      DELETE: [401, 204, 204, 403, 204],
    },
  },
  // As somebody writes it who has no compiler: of somebody unknown it says nothing.
  silent: {
    permissions: [untyped({ check: ({ user }) => user?.is_staff })],
    expected: {
      GET: [401, 403, 403, 200, 403],
      POST: [401, 403, 403, 201, 403],
      PATCH: [401, 403, 403, 200, 403],
      DELETE: [401, 403, 403, 204, 403],
    },
  },
  silenteither: {
    permissions: [any(untyped({ check: async ({ user }) => user?.is_staff }))],
    expected: {
      GET: [401, 403, 403, 200, 403],
      POST: [401, 403, 403, 201, 403],
      PATCH: [401, 403, 403, 200, 403],
      DELETE: [401, 403, 403, 204, 403],
    },
  },
  nobody: {
    permissions: [not(allowAny())],
    expected: {
      GET: [401, 403, 403, 403, 403],
      POST: [401, 403, 403, 403, 403],
      PATCH: [401, 403, 403, 403, 403],
      DELETE: [401, 403, 403, 403, 403],
    },
  },
};

const app = defineApp({
  resources: Object.fromEntries(
    Object.entries(table).map(([name, { permissions }]) => [name, resource(Note, { permissions })]),
  ),
});

const statements = {
  SQLite: `insert into auth_user_user_permissions (user_id, permission_id) select ?, id from auth_permission where codename in ('add_note', 'change_note')`,
  PostgreSQL: `insert into auth_user_user_permissions (user_id, permission_id) select $1, id from auth_permission where codename in ('add_note', 'change_note')`,
};

for (const { name: database, create } of databases) {
  describe(`permissions on ${database}`, () => {
    let test: TestApp;
    let people: readonly Record<string, string>[];
    let owner: number;
    before(async () => {
      test = await startTestApp(app, await create());
      const user = await test.user("user");
      const writer = await test.user("owner");
      const staff = await test.user("staff", { is_staff: true });
      const granted = await test.user("granted");
      await test.database.run(defineStatement(database === "SQLite" ? statements.SQLite : statements.PostgreSQL), [
        granted.id,
      ]);
      owner = writer.id;
      people = [{}, user.bearer, writer.bearer, staff.bearer, granted.bearer];
    });
    after(() => test.stop());

    for (const [name, { expected }] of Object.entries(table)) {
      it(`${name}: each gets what is written in the table`, async () => {
        for (const [i, headers] of people.entries()) {
          await test.insert(Note, [{ text: "a", owner }]);
          const id = (await newest(test)).id;
          const path = `/api/v1/${name}/`;
          const got = {
            GET: [
              (await test.client("GET", path, { headers })).status,
              (await test.client("GET", `${path}${id}/`, { headers })).status,
            ],
            POST: [(await test.client("POST", path, { json: { text: "b" }, headers })).status],
            PATCH: [(await test.client("PATCH", `${path}${id}/`, { json: { text: "c" }, headers })).status],
            DELETE: [(await test.client("DELETE", `${path}${id}/`, { headers })).status],
          };
          const wanted = Object.fromEntries(
            Object.entries(expected).map(([method, statuses]) => [
              method,
              method === "GET" ? [statuses[i], statuses[i]] : [statuses[i]],
            ]),
          );
          assert.deepEqual(got, wanted, `person ${i}`);
        }
      });
    }

    it("superusers have every permission of Django's, inactive users none at all", async () => {
      const root = await test.user("root", { is_superuser: true });
      assert.equal(
        (await test.client("POST", "/api/v1/model/", { json: { text: "x" }, headers: root.bearer })).status,
        201,
      );
      await test.database.run(defineStatement(`update auth_user set is_active = false where username = 'root'`));
      assert.equal(
        (await test.client("POST", "/api/v1/model/", { json: { text: "x" }, headers: root.bearer })).status,
        401,
      );
    });

    it("OPTIONS offers what this user may do", async () => {
      const actions = async (headers: Record<string, string> = {}) =>
        Object.keys((await test.client("OPTIONS", "/api/v1/owner/", { headers })).json.actions ?? {});
      assert.deepEqual(await actions(), []);
      assert.deepEqual(await actions(people[1]), ["POST"]);
    });

    it("refuses before it looks at a body, and before it says whether a row is there", async () => {
      const body = { body: "{", headers: { "content-type": "application/json" } };
      assert.equal((await test.client("POST", "/api/v1/authenticated/", body)).status, 401);
      assert.equal((await test.client("GET", "/api/v1/authenticated/999999/")).status, 401);
      assert.equal((await test.client("PATCH", "/api/v1/admin/999999/", { json: {}, headers: people[1] })).status, 403);
    });

    it("nothing of it was a fault of ours", () => assert.deepEqual(test.faults, []));
  });

  describe(`the order of authenticators on ${database}`, () => {
    for (const [authenticators, challenge] of [
      ["jwt,session,basic", 'Bearer realm="api"'],
      ["basic,jwt", 'Basic realm="api"'],
      ["session,jwt,basic", null],
    ] as const) {
      it(`${authenticators}: somebody unknown gets ${challenge === null ? "a 403" : `a 401 with ${challenge}`}`, async () => {
        const test = await startTestApp(app, await create(), { settings: { authenticators } });
        for (const authorization of ["", "Bearer x.y.z", "Basic eDp5"]) {
          const headers = { authorization };
          const { status, headers: got } = await test.client("GET", "/api/v1/authenticated/", { headers });
          assert.equal(status, challenge === null ? 403 : 401);
          assert.equal(got.get("www-authenticate"), challenge);
        }
        await test.stop();
      });
    }
  });
}

/** The row that was inserted last. */
async function newest({ database }: Pick<TestDatabase, "database">): Promise<{ id: number }> {
  const row = await database.get(defineStatement("select max(id) from desk_note", true));
  return { id: Number(row?.[0]) };
}
