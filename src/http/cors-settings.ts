/** The settings of CORS, by the names of django-cors-headers. */
import { boolean, defineSettings, integer, list, text } from "../config/index.ts";
import { originOrAll } from "./origin.ts";

const headerName = text({ minLength: 1 });

export const corsSettings = defineSettings({
  corsAllowedOrigins: {
    name: "CORS_ALLOWED_ORIGINS",
    default: [],
    parse: list(originOrAll),
    description: 'Other origins whose pages may read answers, such as https://app.example.com; "*" for every one.',
  },
  corsAllowCredentials: {
    name: "CORS_ALLOW_CREDENTIALS",
    default: false,
    parse: boolean(),
    description: "Whether those pages may send cookies along.",
  },
  corsAllowHeaders: {
    name: "CORS_ALLOW_HEADERS",
    default: [
      ...["accept", "authorization", "content-type", "x-csrftoken", "x-requested-with", "x-request-id"],
      ...["if-match", "if-none-match", "idempotency-key", "prefer"],
    ],
    parse: list(headerName),
    description: "Request headers that those pages may send.",
  },
  corsExposeHeaders: {
    name: "CORS_EXPOSE_HEADERS",
    default: ["etag", "location", "retry-after", "x-request-id", "idempotency-replayed"],
    parse: list(headerName),
    description: "Response headers that those pages may read.",
  },
  corsMaxAgeSeconds: {
    name: "CORS_PREFLIGHT_MAX_AGE",
    default: 86_400,
    parse: integer({ min: 0 }),
    unit: "seconds",
    description: "Time for which a browser need not ask again whether it may ask.",
  },
});
