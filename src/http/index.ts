/** What stands between a socket and an endpoint. */

export { type HeadOfRequest, permitHeld } from "./held-answers.ts";
export { createListener, type ListenerOptions, type Mounted, staticRoute } from "./listener.ts";
export { type Client, createProxies, createTrust } from "./proxies.ts";
export { createRequestIds } from "./request-ids.ts";
export { type HttpSettings, httpSettings } from "./settings.ts";
