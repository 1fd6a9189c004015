/** What makes the document is loaded when somebody asks for the document, and not before. */
import assert from "node:assert/strict";
import { registerHooks } from "node:module";
import { test } from "node:test";

test("an app that is asked for JSON loads nothing that makes documents", async () => {
  const loaded: string[] = [];
  registerHooks({
    load(url, context, next) {
      const [, name] = /\/src\/openapi\/(.+)\.ts$/.exec(url) ?? [];
      if (name !== undefined) loaded.push(name);
      return next(url, context);
    },
  });
  const { startTest } = await import("../../src/testing/index.ts");
  const { default: todo } = await import("../../examples/todo/app.ts");
  const { client, user, stop } = await startTest(todo);
  try {
    const alice = await user("alice");
    assert.equal((await alice.client("POST", "/api/v1/lists/", { json: { name: "Home" } })).status, 201);
    const served = ["docs-endpoint", "docs-files", "endpoint", "index", "served", "settings", "text-answer"];
    assert.deepEqual(loaded.toSorted(), served);
    assert.equal((await client("GET", "/api/schema/")).status, 200);
    assert.ok(loaded.includes("build"));
    assert.ok(!loaded.includes("yaml"));
  } finally {
    await stop();
  }
});
