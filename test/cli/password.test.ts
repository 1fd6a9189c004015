import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import { PasswordRefused, type PasswordSource, readPassword as readChecked } from "../../src/cli/password.ts";
import type { Issue } from "../../src/errors.ts";

const readPassword = (source: PasswordSource, found: readonly Issue[] = []) => readChecked(source, async () => found);

/** Somebody at a terminal, who types a line at each question. */
function typing(...lines: string[]) {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  let shown = "";
  const left = [...lines];
  const ask = (question: string): void => {
    shown += question;
    const line = left.shift();
    if (line !== undefined) setImmediate(() => input.write(line));
  };
  return { source: { input, isPiped: false, ask }, shown: () => shown };
}

describe("a password", () => {
  it("is typed twice and shown nowhere", async () => {
    const { source, shown } = typing("correct horse\r", "correct horse\r");
    assert.equal(await readPassword(source), "correct horse");
    assert.equal(shown(), "Password: \nThe same again: \n");
  });

  it("can be corrected while it is typed", async () => {
    const { source } = typing("correct hoof\u007f\u007frse\r", "correct horse\r");
    assert.equal(await readPassword(source), "correct horse");
  });

  it("typed differently the second time is refused", async () => {
    const { source } = typing("correct horse\r", "correct hose\r");
    await assert.rejects(readPassword(source), new PasswordRefused("the two passwords are not the same"));
  });

  it("is not made of Ctrl-C", async () => {
    const { source } = typing("corr\u0003");
    await assert.rejects(readPassword(source), PasswordRefused);
  });

  it("from a pipe is its first line, blanks and all", async () => {
    for (const sent of [" two words \r\nanother line\n", " two words \n", " two words "]) {
      const input = new PassThrough();
      input.end(sent);
      assert.equal(await readPassword({ input, isPiped: true, ask: assert.fail }), " two words ");
    }
  });

  it("from a pipe is there with its line, before the pipe ends", async () => {
    const input = new PassThrough();
    input.write("correct horse\n");
    assert.equal(await readPassword({ input, isPiped: true, ask: assert.fail }), "correct horse");
    assert.equal(input.writableEnded, false);
  });

  it("that is not good enough is refused, with the reasons and without repeating it", async () => {
    const input = new PassThrough();
    input.end("1234567\n");
    const found = [
      { code: "password_too_short", message: "Too short." },
      { code: "own", message: "Not the name of the shop." },
    ];
    await assert.rejects(
      readPassword({ input, isPiped: true, ask: assert.fail }, found),
      new PasswordRefused("the password is refused: Too short. Not the name of the shop."),
    );
  });

  it("has to be one", async () => {
    const input = new PassThrough();
    input.end("\n");
    await assert.rejects(readPassword({ input, isPiped: true, ask: assert.fail }), PasswordRefused);
  });
});
