/** The API for people: pages, forms, login. */
export { assetsDirectory } from "./assets.ts";
export { type LoginOptions, loginEndpoints } from "./login.ts";
export { notFoundPage } from "./not-found.ts";
export { createPages, type Pages, type PagesOptions } from "./page.ts";
