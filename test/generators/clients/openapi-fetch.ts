/** What one writes with openapi-typescript and openapi-fetch. */
import createClient from "openapi-fetch";
import type { components, paths } from "../.generated/openapi-typescript.ts";

type Product = components["schemas"]["ProductInput"];

/** A default need not be sent, and in a change nothing need be. */
export const product: Product = { name: "Lamp", sku: "lamp", price: "9.50" };
export const change: components["schemas"]["ProductPatch"] = {};
// @ts-expect-error a price is needed
export const priceless: Product = { name: "Lamp", sku: "lamp" };

/** Makes, reads, finds, changes and removes a product; says what it was told on the way. */
export async function walk(baseUrl: string, credentials: { username: string; password: string }): Promise<unknown[]> {
  const api = createClient<paths>({ baseUrl });
  const { data: pair } = await api.POST("/api/token/", { body: credentials });
  api.use({
    onRequest({ request }) {
      request.headers.set("authorization", `Bearer ${pair?.access}`);
    },
  });
  const made = await api.POST("/api/v1/products/", { body: product });
  if (!made.data) throw new Error(`${made.response.status}`);
  const { id, stock } = made.data;
  const again = await api.POST("/api/v1/products/", { body: product });
  const findings = again.error && "sku" in again.error ? again.error.sku : undefined;
  const found = await api.GET("/api/v1/products/", { params: { query: { price__gte: 9, ordering: ["-price"] } } });
  const path = { id };
  const header = { "If-Match": made.response.headers.get("etag") ?? "" };
  const changed = await api.PATCH("/api/v1/products/{id}/", { params: { path, header }, body: { price: "8.00" } });
  const late = await api.PATCH("/api/v1/products/{id}/", { params: { path, header }, body: { price: "7.00" } });
  const gone = await api.DELETE("/api/v1/products/{id}/", { params: { path, header: { "If-Match": "*" } } });
  const missing = await api.GET("/api/v1/products/{id}/", { params: { path } });
  return [
    ...[made.response.status, stock, findings?.length, found.data?.results.map(({ sku }) => sku), changed.data?.price],
    ...[late.response.status, gone.response.status, missing.response.status],
  ];
}
