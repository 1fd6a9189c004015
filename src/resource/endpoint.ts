/**
 * A URL and what answers each method on it. Plain data: the router, the route table, OPTIONS, pages and OpenAPI read it.
 *
 * Whatever answers a route is an `Action`: the five of CRUD, a user's own, the token endpoints. One lifecycle serves all.
 */
import type { Awaitable } from "../db/index.ts";
import type { FieldMap, Model } from "../model/index.ts";
import type { Authenticator } from "./authentication.ts";
import type { Context } from "./context.ts";
import type { OfferedParameters } from "./list-parameters.ts";
import type { Output } from "./output.ts";
import type { AnyRow, Permission } from "./permissions.ts";
import type { Renderer } from "./renderers.ts";
import type { Resource } from "./resource.ts";
import type { Serializer } from "./serializer/serializer.ts";

/** What an action answers; without `data` the body is empty. */
export interface Result {
  /** HTTP status. */
  readonly status: number;
  readonly data?: unknown;
  /** What a read shows, where the answer of a write differs from it: the ETag is made of it. */
  readonly stored?: unknown;
  /** In place of data: the path of a file within MEDIA_ROOT, sent by the listener. */
  readonly file?: string;
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Action {
  /** `list`, `retrieve`, `create`, …, or the user's own name. */
  readonly name: string;
  /** What it reads from the body; undefined where it reads none. */
  readonly input?: Serializer;
  /** What it answers with, where its declaration says so. */
  readonly output?: Output;
  /** Status of what it answers with, for documents (default 200). */
  readonly status?: number;
  /** Query parameters that it reads, where no resource declares them, for documents. */
  readonly query?: FieldMap;
  /** Statuses that it refuses with beside those of every action like it, for documents. */
  readonly refuses?: readonly number[];
  /** It is asked with a CSRF token in `X-CSRFToken`, whoever asks, for documents. */
  readonly needsCsrf?: boolean;
  /** Own code runs in it, which may refuse in any way. */
  readonly isOwn?: boolean;
  /** What it answers is what stands at the URL, or the row it wrote, so its JSON carries an ETag. */
  readonly hasEtag?: boolean;
  /** It reads an array and nothing else; `input` is then that of each item. */
  readonly takesArray?: boolean;
  run(context: Context): Awaitable<Result>;
  /**
   * Finds the row that the URL names and asks the permissions on it, without doing anything.
   * @throws ApiError  there is no such row, or it is not allowed
   */
  admit?(context: Context): Promise<AnyRow>;
}

export interface Endpoint {
  /** Path with `:name` for a placeholder, e.g. `/api/v1/books/:pk/`. */
  readonly path: string;
  /** Title for people, e.g. `Book List`. */
  readonly name: string;
  readonly description: string;
  /** Actions by method, upper case. HEAD and OPTIONS come by themselves. */
  readonly actions: Readonly<Record<string, Action>>;
  /** In the order they are asked; none means that credentials are not looked at. */
  readonly authenticators: readonly Authenticator[];
  /** Value of `WWW-Authenticate` in a 401, where it is not that of the first authenticator. */
  readonly challenge?: string;
  readonly permissions: readonly Permission[];
  /** In the order of preference. */
  readonly renderers: readonly [Renderer, ...Renderer[]];
  /** It answers with a page whatever is accepted: people come by links, and a browser says what it says. */
  readonly isPage?: boolean;
  /** Also reachable as `path.json`, as DRF's routers allow. */
  readonly formatSuffix: boolean;
  /** It is the root of the API: its suffix stands behind the slash, `/api/v1/.json`. */
  readonly isRoot?: boolean;
  /** The model whose rows it is about, if any. */
  readonly model?: Model;
  /** What OPTIONS describes in place of the actions' inputs: the reference shows a resource's fields for its own actions too. */
  readonly described?: Serializer;
  /** The resource that it belongs to, if any: documents read the declaration. */
  readonly resource?: Resource;
  /** What a client sees of its rows, and may set in them. */
  readonly fields?: FieldMap;
  /** What its list may be asked by query parameters. */
  readonly parameters?: OfferedParameters;
  /** `list` or `detail` of a resource; pages and OpenAPI group by it. */
  readonly on?: "list" | "detail";
  /** It is only changed with `If-Match`; the forms of pages carry one. */
  readonly requireIfMatch?: boolean;
  /** Its creates may, or must, carry an `Idempotency-Key`; the forms of pages do. */
  readonly idempotencyKey?: "optional" | "required";
  /** Name of its throttle rate, if it has one of its own. */
  readonly throttleScope?: string;
}

const order = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** The value of `Allow`. Reference: rest_framework.views.APIView.allowed_methods (its order). */
export function allowedMethods(endpoint: Pick<Endpoint, "actions">): string[] {
  const methods = order.filter((method) => method in endpoint.actions);
  return [...methods, ...("GET" in endpoint.actions ? ["HEAD"] : []), "OPTIONS"];
}
