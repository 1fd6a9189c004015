/**
 * The app that is measured: the conformance app, and beside it what its contract does not have: a list route that takes many
 * rows, and a route that waits as long as a distant database would.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { defineApp, endpoint, field, permission, resource } from "drf-auth";
import conformance from "../../../test/conformance/app.ts";
import { Synonym } from "../../../test/conformance/models.ts";

const { title, endpoints, settings, resources } = conformance;

export default defineApp({
  title,
  endpoints: {
    ...endpoints,
    wait: endpoint({
      permissions: [permission.allowAny()],
      methods: { GET: { run: () => sleep(20, { waited: true }) } },
    }),
  },
  settings,
  throttle: { token: null, me: null },
  resources: {
    ...resources,
    "bulk-synonyms": resource(Synonym, {
      description: "Words and their synonyms, many at once.",
      fields: ["id", "word", "synonym", "owner", "created_at", "updated_at"],
      extra: { owner: field.from("owner.username") },
      permissions: [permission.authenticatedOrReadOnly(), permission.ownerOrReadOnly("owner", { staff: true })],
      bulk: true,
    }),
  },
});
