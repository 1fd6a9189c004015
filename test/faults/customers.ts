/** Customers of the shop example who order without a break and send each order, with its key, until it is taken. */
import assert from "node:assert/strict";
import type { Answer, Client } from "../http-client.ts";

export const stockAtFirst = 100_000;

/** What they buy; it has the key 1. */
export const tea = { name: "Tea", sku: "tea", price: "2.50", stock: stockAtFirst };

/** Whether an answer is that the database is away, as a client is told it. */
export function isAway({ status, headers, json, text }: Answer): boolean {
  if (status !== 503) return false;
  assert.ok(Number(headers.get("retry-after")) > 0, text);
  assert.match(headers.get("content-type") ?? "", /^application\/json/);
  assert.equal(typeof json.detail, "string");
  assert.doesNotMatch(text, /127\.0\.0\.1|postgres:|ECONN/);
  return true;
}

/** @param headers  of a user of staff, who sees every order */
export function customersOf(client: Client, headers: { readonly authorization: string }) {
  const taken = new Set<number>();
  let sent = 0;
  return {
    /** Lets some of them begin. */
    begin(count: number) {
      let isOver = false;
      let awaited: { isTaken: boolean; left: number; resolve: () => void } | undefined;
      const order = async (): Promise<void> => {
        const key = { "idempotency-key": `order ${++sent}` };
        for (let isTaken = false; !isTaken; ) {
          const json = { items: [{ product: 1, quantity: 2 }] };
          const answer = await client("POST", "/api/v1/orders/", { json, headers: { ...headers, ...key } });
          isTaken = answer.status === 201;
          assert.ok(isTaken || isAway(answer), answer.text);
          if (isTaken) {
            assert.ok(!taken.has(answer.json.id), "two orders in one");
            taken.add(answer.json.id);
          }
          if (awaited?.isTaken === isTaken && --awaited.left === 0) awaited.resolve();
        }
      };
      const customer = async (): Promise<void> => {
        while (!isOver) await order();
      };
      const work = Promise.all(Array.from({ length: count }, customer));
      return {
        /** Resolves when so many more were taken, or told that the database is away. */
        async answers(left: number, what: "taken" | "away"): Promise<void> {
          const { promise, resolve } = Promise.withResolvers<void>();
          awaited = { isTaken: what === "taken", left, resolve };
          await Promise.race([promise, work]);
        },
        /** Lets them finish the order that they are at. */
        async stop(): Promise<void> {
          isOver = true;
          await work;
        },
      };
    },
    /** Every order that was sent is there once, with its item, and the stock lacks what they took and no more. */
    async check(): Promise<void> {
      const there = new Set<number>();
      for (let path = "/api/v1/orders/?page_size=100"; path; ) {
        const { json } = await client("GET", path, { headers });
        for (const { id, items } of json.results) {
          assert.deepEqual([items.length, items[0]?.quantity], [1, 2]);
          there.add(id);
        }
        path = json.next === null ? "" : json.next.slice(client.base.length);
      }
      assert.deepEqual([...there.symmetricDifference(taken)], []);
      assert.equal(there.size, sent);
      const { json } = await client("GET", "/api/v1/products/1/", { headers });
      assert.equal(json.stock, stockAtFirst - 2 * sent);
    },
  };
}
