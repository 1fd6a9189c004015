/**
 * What comes of a request: its data, or an error as a value that says which kind it is. Nothing is thrown unless it is asked for.
 *
 * Codes are those of rest_framework.exceptions, as far as it has one.
 */

/** What is wrong with each value that was sent: sentences, in the shape of the values. */
export type Findings<Input> = {
  readonly [Name in keyof Input]?: FindingsIn<NonNullable<Input[Name]>>;
} & { readonly non_field_errors?: readonly string[] };
type FindingsIn<Value> = Value extends readonly (infer Item)[]
  ? readonly string[] | readonly Findings<Item>[]
  : Value extends Blob | string | number | boolean
    ? readonly string[]
    : readonly string[] | Findings<Value>;

/** Why a request was not done. */
export type Problem<Input = unknown> =
  /** 400: every value that is wrong. */
  | { readonly code: "invalid"; readonly fields: Findings<Input> }
  /** 401 of a sign-in: send the challenge back with a code. */
  | { readonly code: "second_factor_required"; readonly challenge: string; readonly detail: string }
  /** 429, 503: after so many seconds it may be sent again. */
  | { readonly code: "throttled" | "service_unavailable"; readonly retryAfter?: number; readonly detail: string }
  | {
      readonly code:
        | "not_authenticated"
        | "permission_denied"
        | "not_found"
        | "conflict"
        | "precondition_failed"
        | "precondition_required"
        | "error";
      readonly detail: string;
    }
  /** There was no answer: nobody knows whether it was done. */
  | { readonly code: "network"; readonly detail: string; readonly cause: unknown };

export interface Success<Data> {
  readonly ok: true;
  readonly status: number;
  readonly data: Data;
  /** Of the state that was answered, for `ifMatch`. */
  readonly etag?: string;
}

export interface Failure<Input = unknown> {
  readonly ok: false;
  /** 0 where there was no answer. */
  readonly status: number;
  readonly error: Problem<Input>;
}

export type Result<Data, Input = unknown> = Success<Data> | Failure<Input>;

/** A request under way. */
export interface Call<Data, Input = unknown> extends Promise<Result<Data, Input>> {
  /** The data alone. @throws ApiFailure  in place of an error as a value */
  orThrow(): Promise<Data>;
}

/** What `orThrow` and iterators throw. */
export class ApiFailure extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    const { error, status } = failure;
    super(error.code === "invalid" ? "invalid: see failure.error.fields" : error.detail, {
      cause: error.code === "network" ? error.cause : undefined,
    });
    this.name = `ApiFailure ${error.code} ${status}`;
    this.failure = failure;
  }
}

export const callOf = <Data, Input>(result: Promise<Result<Data, Input>>): Call<Data, Input> =>
  Object.assign(result, {
    async orThrow() {
      const done = await result;
      if (done.ok) return done.data;
      throw new ApiFailure(done as Failure);
    },
  });

const codes: {
  readonly [status: number]:
    | "not_authenticated"
    | "permission_denied"
    | "not_found"
    | "conflict"
    | "precondition_failed"
    | "precondition_required";
} = {
  401: "not_authenticated",
  403: "permission_denied",
  404: "not_found",
  409: "conflict",
  412: "precondition_failed",
  428: "precondition_required",
};

/** Reads an answer. Its types are those that the server's declaration promises. */
export async function readAnswer<Data, Input>(response: Response): Promise<Result<Data, Input>> {
  const { status, headers } = response;
  const isJson = /\bjson\b/.test(headers.get("content-type") ?? "");
  // A file is bytes, whatever they are said to be; files alone are sent in ranges.
  if (response.ok && status !== 204 && (!isJson || headers.has("accept-ranges"))) {
    const file = await response.blob();
    return { ok: true, status, data: (file.size === 0 && !headers.has("content-type") ? undefined : file) as Data };
  }
  const text = await response.text();
  const body: unknown = isJson && text !== "" ? JSON.parse(text) : text === "" ? undefined : text;
  if (response.ok) return { ok: true, status, data: body as Data, etag: headers.get("etag") ?? undefined };
  return { ok: false, status, error: problemOf(status, body, headers) };
}

function problemOf<Input>(status: number, body: unknown, headers: Headers): Problem<Input> {
  const said = (typeof body === "object" && body !== null ? body : {}) as { [name: string]: unknown };
  const detail = typeof said.detail === "string" ? said.detail : `status ${status}`;
  if (status === 400 && typeof said.detail !== "string" && typeof body === "object")
    return { code: "invalid", fields: body as Findings<Input> };
  if (typeof said.challenge === "string") return { code: "second_factor_required", challenge: said.challenge, detail };
  if (status === 429 || status === 503) {
    const seconds = Number.parseInt(headers.get("retry-after") ?? "", 10);
    const retryAfter = Number.isNaN(seconds) ? undefined : seconds;
    return { code: status === 429 ? "throttled" : "service_unavailable", retryAfter, detail };
  }
  return { code: codes[status] ?? "error", detail };
}
