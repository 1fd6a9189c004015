import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createQueue } from "../../../src/auth/passwords/queue.ts";

/** Tasks that end when the test says so. */
function arrange(maxConcurrent: number) {
  const queue = createQueue(maxConcurrent, 100);
  const started: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<void>>();
  const add = (name: string) => {
    const end = Promise.withResolvers<void>();
    ends.set(name, end);
    return queue(() => {
      started.push(name);
      return end.promise;
    });
  };
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const finish = async (name: string) => {
    ends.get(name)?.resolve();
    await settle();
  };
  const fail = async (name: string) => {
    ends.get(name)?.reject(new Error(name));
    await settle();
  };
  return { add, started, finish, fail, settle };
}

describe("a queue", () => {
  test("runs so many tasks at the same time, and the others in the order they came", async () => {
    const { add, started, finish, settle } = arrange(2);
    for (const name of ["a", "b", "c", "d"]) add(name);
    await settle();
    assert.deepEqual(started, ["a", "b"]);
    await finish("b");
    assert.deepEqual(started, ["a", "b", "c"]);
    await finish("a");
    assert.deepEqual(started, ["a", "b", "c", "d"]);
  });

  test("gives a free place to who waits, not to who comes at that moment", async () => {
    const { add, started, finish, settle } = arrange(1);
    const first = add("a");
    add("b");
    first.then(() => add("c"));
    await finish("a");
    await settle();
    assert.deepEqual(started, ["a", "b"]);
    await finish("b");
    assert.deepEqual(started, ["a", "b", "c"]);
  });

  test("goes on after a task has failed", async () => {
    const { add, started, fail } = arrange(1);
    const failing = assert.rejects(add("a"), { message: "a" });
    add("b");
    await fail("a");
    await failing;
    assert.deepEqual(started, ["a", "b"]);
  });
});
