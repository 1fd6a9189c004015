/** The public names of drf-auth/testing: what the tests of an app need. */
export { type Actor, actors } from "./actors.ts";
export { type AuthorizationOptions, assertAuthorization } from "./assert.ts";
export type { Answer, Client, Sent } from "./client.ts";
export {
  type AuthorizationMatrix,
  authorizationMatrix,
  type Cell,
  type MatrixOptions,
  type UnguardedWrite,
} from "./matrix.ts";
export type { Samples, SampleValues } from "./samples.ts";
export { startTest, type Test, type TestOptions, type TestUser, type UserFlags } from "./test-app.ts";
export type { Verdict } from "./verdict.ts";
