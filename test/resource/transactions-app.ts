/** The app of `transactions.test.ts` as a project has it: another process of it works on the same database. */
import { defineApp, field, model } from "../../src/index.ts";

const Account = model("account", {
  fields: { name: field.text({ maxLength: 20, unique: true }), balance: field.integer({ default: 0 }) },
});

export default defineApp({ resources: {}, models: [Account] });
