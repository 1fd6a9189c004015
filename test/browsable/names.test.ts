/** What related rows are called on pages, who is told, and what it costs. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { defineApp } from "../../src/app/index.ts";
import { field, model } from "../../src/model/index.ts";
import { permission, resource } from "../../src/resource/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { countStatements } from "../counting.ts";
import { databases } from "../databases.ts";
import { type Browser, openBrowser } from "./browser.ts";

const Composer = model("music.composer", { fields: { born: field.integer(), name: field.text({ maxLength: 40 }) } });
const Instrument = model("music.instrument", { fields: { name: field.text({ maxLength: 40 }) }, order: ["name"] });
const Patron = model("music.patron", {
  fields: { alias: field.text({ maxLength: 40 }), hidden: field.boolean({ default: false }) },
});
const Key = model("music.key", {
  fields: {
    sign: field.text({ primaryKey: true, readOnly: false, maxLength: 20 }),
    spoken: field.text({ maxLength: 20 }),
  },
});
const Concert = model("music.concert", {
  fields: { key: field.foreignKey(Key), player: field.foreignKey("auth.user", { null: true }) },
});
const Hall = model("music.hall", { fields: { seats: field.integer() } });
const Letter = model("music.letter", { fields: { subject: field.text({ maxLength: 40 }), writer: field.owner() } });
const Piece = model("music.piece", {
  fields: {
    title: field.text({ maxLength: 40 }),
    composer: field.foreignKey(Composer),
    arranger: field.foreignKey(Composer, { null: true }),
    patron: field.foreignKey(Patron, { null: true }),
    hall: field.foreignKey(Hall, { null: true }),
    letter: field.foreignKey(Letter, { null: true }),
    instruments: field.manyToMany(Instrument, { blank: true }),
  },
});

const everybody = [permission.allowAny()];
const app = defineApp({
  resources: {
    composers: resource(Composer, { permissions: [permission.authenticated()], search: ["name"] }),
    instruments: resource(Instrument, { permissions: everybody, search: ["name"] }),
    patrons: resource(Patron, { permissions: everybody, scope: () => ({ path: "hidden", value: false }) }),
    letters: resource(Letter, {
      only: ["retrieve"],
      permissions: [{ name: "writer", checkObject: (context, { writer }) => writer === context.user?.id }],
    }),
    concerts: resource(Concert, { permissions: everybody, filter: { key: ["exact"], player: ["exact"] } }),
    keys: resource(Key, { permissions: everybody }),
    halls: resource(Hall, { permissions: everybody }),
    pieces: resource(Piece, {
      permissions: everybody,
      filter: { composer: ["exact", "in"] },
      actions: { first: { method: "GET", on: "list", run: ({ list }) => list({ limit: 1 }) } },
    }),
  },
});
const pieces = "/api/v1/pieces/";

/** The link, or the text, of each cell or entry that has one. */
const linksIn = (body: string): string[] =>
  [...body.matchAll(/<a (?:class="key"|title="[^"]*") href="([^"]*)">(.*?)<\/a>/g)].map(
    ([, href = "", text = ""]) => `${href} ${text}`,
  );

for (const { name: database, create } of databases) {
  describe(`names of related rows, on ${database}`, () => {
    const statements = countStatements();
    let test: TestApp;
    let alice: Browser;
    let nobody: Browser;
    before(async () => {
      test = await startTestApp(app, await create(), { wrap: statements.wrap });
      const { id: writer } = await test.user("alice");
      await test.insert(Composer, [
        { name: "Clara <Wieck>", born: 1819 },
        { name: "", born: 1810 },
      ]);
      await test.insert(Instrument, [{ name: "piano" }, { name: "cello" }]);
      await test.insert(Patron, [
        { alias: "A friend", hidden: false },
        { alias: "The duke", hidden: true },
      ]);
      await test.insert(Hall, [{ seats: 300 }]);
      await test.insert(Key, [{ sign: "A, minor", spoken: "A minor" }]);
      await test.insert(Concert, [{ key: "A, minor", player: writer }]);
      await test.insert(Letter, [{ subject: "Only for the writer", writer }]);
      await test.insert(Piece, [
        { title: "Trio", composer: 1, arranger: 2, patron: 1, hall: 1, letter: null },
        { title: "Romance", composer: 1, arranger: null, patron: 2, hall: null, letter: 1 },
      ]);
      [alice, nobody] = [openBrowser(test.client.base), openBrowser(test.client.base)];
      const login = await alice.visit("/api-auth/login/");
      await alice.press(login, "Log in", { username: "alice", password: "alice-pass" });
      const form = await nobody.visit(`${pieces}1/`);
      await nobody.press(form, "Save", { instruments: "1, 2" });
    });
    after(async () => {
      assert.deepEqual(test.faults, []);
      await test.stop();
    });

    it("a row is called by its name, one without a name by its key, in a table and in a record", async () => {
      const composer = "/api/v1/composers/1/ Clara &lt;Wieck&gt;";
      const trio = [composer, "/api/v1/composers/2/ 2", "/api/v1/patrons/1/ A friend", "/api/v1/halls/1/ 1"];
      const instruments = ["/api/v1/instruments/2/ cello", "/api/v1/instruments/1/ piano"];
      assert.deepEqual(linksIn((await alice.visit(pieces)).body), [
        ...trio,
        ...instruments,
        composer,
        "/api/v1/patrons/2/ 2",
        "/api/v1/letters/1/ 1",
      ]);
      assert.deepEqual(linksIn((await alice.visit(`${pieces}1/`)).body), [...trio, ...instruments]);
      assert.deepEqual(linksIn((await alice.visit(`${pieces}first/`)).body), [...trio, ...instruments]);
      assert.match(
        (await alice.visit(pieces)).body,
        /&quot;composer&quot;<\/span>: <span class="number">1/,
        "JSON is JSON",
      );
    });

    it("only to who may read the rows, and of rows in sight", async () => {
      const { body } = await nobody.visit(pieces);
      assert.doesNotMatch(body, /Wieck/);
      assert.match(body, /<a class="key" href="\/api\/v1\/composers\/1\/">1<\/a>/);
      assert.match(body, /A friend/);
      assert.doesNotMatch(body, /duke/i);
      assert.doesNotMatch((await nobody.visit(`${pieces}2/`)).body, /duke|Only for/i);
      assert.doesNotMatch((await alice.visit(pieces)).body, /Only for/, "a permission looks at each row");
    });

    it("also after a row was written, and where one has to be corrected", async () => {
      const form = await alice.visit(`${pieces}1/`);
      assert.match(
        form.body,
        /name="composer" value="1"[^>]* data-names="\{&quot;1&quot;:&quot;Clara &lt;Wieck&gt;&quot;\}"/,
      );
      assert.match(form.body, /<span class="named">cello, piano<\/span>/);
      const saved = await alice.press(form, "Save", { title: "Piano trio" });
      assert.match(saved.body, /Saved\./);
      assert.ok(linksIn(saved.body).includes("/api/v1/composers/1/ Clara &lt;Wieck&gt;"));
      const created = await alice.press(await alice.visit(pieces), "Create", { title: "Scherzo", composer: "1" });
      assert.ok(linksIn(created.body).includes("/api/v1/composers/1/ Clara &lt;Wieck&gt;"));
      await test.client("DELETE", `${pieces}3/`);
    });

    it("what is filtered by is called the same", async () => {
      const { body } = await alice.visit(`${pieces}?composer=1&composer__in=1,2`);
      assert.match(body, /Composer: <b>Clara &lt;Wieck&gt;<\/b>/);
      assert.match(body, /<b>Clara &lt;Wieck&gt;, 2<\/b>/);
    });

    it("a key that is a text is not the name where there is another, and may have a comma; one's own name is known", async () => {
      const { body } = await alice.visit("/api/v1/concerts/?player=1&key=A,+minor");
      assert.deepEqual(linksIn(body), ["/api/v1/keys/A%2C%20minor/ A minor"]);
      assert.match(body, /Key: <b>A minor<\/b>/);
      assert.match(body, /Player: <b>alice<\/b>/);
    });

    it("costs no statement behind a foreign key, and one behind a many-to-many field", async () => {
      const cookie = [...alice.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
      const cost = async (path: string, accept: string) => {
        statements.count = 0;
        assert.equal((await test.client("GET", path, { headers: { accept, cookie } })).status, 200);
        return statements.count;
      };
      for (const path of [pieces, `${pieces}1/`])
        assert.equal(await cost(path, "text/html"), (await cost(path, "application/json")) + 1, path);
      const [html, json] = [await cost(`${pieces}2/`, "text/html"), await cost(`${pieces}2/`, "application/json")];
      assert.equal(html, json, "no instruments, no statement");
    });
  });
}
