/** Files chosen in the forms of the pages, by somebody with a browser and no scripts. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { databases } from "../databases.ts";
import { startDocuments } from "../resource/documents.ts";
import { openBrowser } from "./browser.ts";

const path = "/api/v1/documents/";

for (const { name, create } of databases) {
  describe(`files in forms, on ${name}`, () => {
    let started: Awaited<ReturnType<typeof startDocuments>>;
    before(async () => {
      started = await startDocuments(await create());
      await started.user("alice");
      await started.user("bob");
    });
    after(() => started.stop());

    const signIn = async (username: string) => {
      const browser = openBrowser(started.client.base);
      const login = await browser.visit(`/api-auth/login/?next=${path}`);
      return { browser, list: await browser.press(login, "Log in", { username, password: `${username}-pass` }) };
    };
    const text = (content: string) => new File([content], "notes.txt");

    it("a file is sent, corrected, kept when nothing else is chosen, and replaced", async () => {
      const { browser, list } = await signIn("alice");
      const refused = await browser.press(list, "Create", { title: "mine", file: new File(["x"], "run.exe") });
      assert.match(refused.body, /expected a name that ends in .txt/);
      assert.match(refused.body, /value="mine"/, "what was typed is still there");
      const created = await browser.press(refused, "Create", { title: "mine", file: text("first") });
      assert.equal(created.status, 201);
      assert.deepEqual(await started.files(), ["docs/notes.txt"]);

      const detail = await browser.visit(`${path}1/`);
      const renamed = await browser.press(detail, "Save", { title: "still mine" });
      assert.equal(renamed.status, 200);
      assert.match(renamed.body, /still mine/);
      assert.match(renamed.body, /media\/docs\/notes\.txt/);
      const replaced = await browser.press(renamed, "Save", { file: text("second") });
      assert.match(replaced.body, /media\/docs\/notes_\w{7}\.txt/);
    });

    it("no byte is written for who may not send it, or comes from another page", async () => {
      const files = await started.files();
      const alices = (await signIn("alice")).browser;
      const page = await alices.visit(`${path}1/`);
      const bob = (await signIn("bob")).browser;
      const token = bob.cookies.get("csrftoken") ?? "";
      const asBob = { ...page, body: page.body.replace(/(name="csrfmiddlewaretoken" value=")[^"]*/g, `$1${token}`) };
      assert.equal((await bob.press(asBob, "Save", { file: text("of bob") })).status, 403);
      const forged = { ...page, body: page.body.replace(/(name="csrfmiddlewaretoken" value=")[^"]*/g, "$1nonsense") };
      assert.equal((await alices.press(forged, "Save", { file: text("forged") })).status, 403);
      assert.deepEqual(await started.files(), files);
    });
  });
}
