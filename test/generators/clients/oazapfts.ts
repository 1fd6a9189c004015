/** What one writes with oazapfts, the generator under the codegen of RTK Query. */
import * as api from "../.generated/oazapfts.ts";

/** A default need not be sent, and in a change nothing need be. */
export const product: api.ProductInput = { name: "Lamp", sku: "lamp", price: "9.50" };
export const change: api.ProductPatch = {};
// @ts-expect-error a price is needed
export const priceless: api.ProductInput = { name: "Lamp", sku: "lamp" };

/** Makes, reads, finds, changes and removes a product; says what it was told on the way. */
export async function walk(baseUrl: string, credentials: { username: string; password: string }): Promise<unknown[]> {
  api.defaults.baseUrl = baseUrl;
  const signedIn = await api.tokenObtain({ tokenObtainInput: credentials });
  if (signedIn.status !== 200) throw new Error(`${signedIn.status}`);
  api.defaults.headers = { authorization: `Bearer ${signedIn.data.access}` };
  const made = await api.productsCreate({ productInput: product });
  if (made.status !== 201) throw new Error(`${made.status}`);
  const { id, stock } = made.data;
  const again = await api.productsCreate({ productInput: product });
  const findings = again.status === 400 && "sku" in again.data ? again.data.sku : undefined;
  const found = await api.productsList({ priceGte: 9, ordering: ["-price"] });
  const ifMatch = made.headers.get("etag") ?? "";
  const changed = await api.productsPartialUpdate({ id, ifMatch, productPatch: { price: "8.00" } });
  const late = await api.productsPartialUpdate({ id, ifMatch, productPatch: { price: "7.00" } });
  const gone = await api.productsDelete({ id, ifMatch: "*" });
  const missing = await api.productsRetrieve({ id });
  return [
    ...[made.status, stock, findings?.length, found.status === 200 ? found.data.results.map(({ sku }) => sku) : []],
    ...[changed.status === 200 ? changed.data.price : "", late.status, gone.status, missing.status],
  ];
}
