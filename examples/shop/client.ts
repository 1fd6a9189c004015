/** A customer of the shop: signs in, orders the cheapest product, and says what all orders cost. */
import { createClient } from "drf-auth/client";
import type shop from "./app.ts";

/** @returns  a line for each order that was ever placed */
export async function orderTheCheapest(origin: string, username: string, password: string): Promise<string[]> {
  const { account, resources } = createClient<typeof shop>(origin);
  await account.signIn({ username, password }).orThrow();

  const products = await resources.products.list({ price__lte: "5.00", ordering: "price" }).orThrow();
  const [cheapest] = products.results;
  if (!cheapest) return [];
  const placed = await resources.orders.create(
    { items: [{ product: cheapest.id, quantity: 1 }] },
    { idempotencyKey: crypto.randomUUID() },
  );
  if (!placed.ok && placed.error.code === "invalid") return [`refused: ${placed.error.fields.items}`];

  const lines: string[] = [];
  for await (const { status, total } of resources.orders.all({ ordering: "created_at" })) {
    lines.push(`${status}, ${total}`);
  }
  return lines;
}
