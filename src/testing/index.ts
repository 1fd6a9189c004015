/** The public names of drf-auth/testing: what the tests of an app need. */
export type { Answer, Client, Sent } from "./client.ts";
export { startTest, type Test, type TestOptions, type TestUser, type UserFlags } from "./test-app.ts";
