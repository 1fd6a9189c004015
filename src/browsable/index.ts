/** The API for people: pages, forms, login. */
export { assetsDirectory } from "./assets.ts";
export { type Content as HtmlContent, html, type Safe as Html } from "./html.ts";
export { type LoginOptions, loginEndpoints } from "./login.ts";
export { notFoundPage } from "./not-found.ts";
export { createPages, type Pages, type PagesOptions } from "./page.ts";
export { type Block, type Blocks, checkPages, type PageFacts, type PagesDeclaration } from "./theme.ts";
