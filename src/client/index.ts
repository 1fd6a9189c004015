/** A typed client of an app, for browsers and Node. It loads nothing of the server. */
export type { Client } from "./calls.ts";
export { type ClientOptions, createClient } from "./client.ts";
export type { InputTo, ShownBy } from "./declared.ts";
export type { PageOf, QueryOf } from "./query.ts";
export {
  ApiFailure,
  type Call,
  type Failure,
  type Findings,
  type Problem,
  type Result,
  type Success,
} from "./result.ts";
export { memoryTokens, type TokenStore, type Tokens } from "./tokens.ts";
export type { CallOptions } from "./transport.ts";
