import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type LogFields, silentLogger } from "../../src/config/index.ts";
import { ServiceUnavailable } from "../../src/errors.ts";
import { createOutbox, type Mail, MailRefused } from "../../src/mail/index.ts";

const mail = (to: string): Mail => ({ to, subject: "Hello", text: "there" });

/** An outbox whose mails are taken when the test says so. */
function arrange({ maxWaiting = 100 } = {}) {
  const sent: string[] = [];
  const logged: (LogFields | undefined)[] = [];
  const gate = Promise.withResolvers<void>();
  const outbox = createOutbox({
    transport: {
      async send({ to }) {
        await gate.promise;
        if (to.startsWith("bad")) throw new Error("550 no such user");
        sent.push(to);
      },
    },
    maxWaiting,
    log: { ...silentLogger, error: (_, fields) => logged.push(fields) },
  });
  return { outbox, sent, logged, open: gate.resolve };
}

describe("an outbox", () => {
  it("does nothing in the turn in which it is asked", async () => {
    const { outbox, open, sent } = arrange();
    let isMade = false;
    outbox.post("test", async () => {
      isMade = true;
      return [mail("a@example.com")];
    });
    await Promise.resolve();
    assert.equal(isMade, false);
    open();
    await outbox.settled();
    assert.deepEqual([isMade, sent], [true, ["a@example.com"]]);
  });

  it("refuses what comes when so many wait, and takes more later", async () => {
    const { outbox, open, sent } = arrange({ maxWaiting: 2 });
    const post = (i: number) => outbox.post("test", async () => [mail(`${i}@example.com`)]);
    post(1);
    post(2);
    assert.throws(() => post(3), ServiceUnavailable);
    open();
    await outbox.settled();
    post(4);
    await outbox.settled();
    assert.deepEqual(sent, ["1@example.com", "2@example.com", "4@example.com"]);
  });

  it("goes on after a mail that nobody took and after work that failed; both are logged, without an address", async () => {
    const { outbox, open, sent, logged } = arrange();
    outbox.post("first", async () => [mail("bad@example.com"), mail("next@example.com")]);
    outbox.post("second", () => Promise.reject(new Error("no database")));
    outbox.post("third", async () => [mail("good@example.com")]);
    open();
    await outbox.settled();
    assert.deepEqual(sent.toSorted(), ["good@example.com", "next@example.com"]);
    assert.deepEqual(
      logged.map((fields) => fields?.purpose),
      ["first", "second"],
    );
  });

  for (const [what, wrong] of Object.entries({
    "a second header in its subject": { subject: "Hello\r\nBcc: eve@example.com" },
    "a line break in its subject": { subject: "Hello\nthere" },
    "a second header in its address": { to: "a@example.com\r\nBcc: eve@example.com" },
    "two addresses": { to: "a@example.com, eve@example.com" },
    "a name beside its address": { to: "Eve <eve@example.com>" },
    "no address": { to: "" },
  })) {
    it(`refuses a mail with ${what}`, async () => {
      const { outbox, open, sent, logged } = arrange();
      outbox.post("test", async () => [{ ...mail("a@example.com"), ...wrong }]);
      open();
      await outbox.settled();
      assert.deepEqual(sent, []);
      assert.ok(logged[0]?.error instanceof MailRefused);
      assert.doesNotMatch(logged[0].error.message, /eve/);
    });
  }
});
