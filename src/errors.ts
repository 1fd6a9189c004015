/**
 * The one error family of the project.
 *
 * `ApiError` is what a client is told: a status, a code, a detail. `ConfigurationError` is what the person who starts the
 * server is told. Inner systems throw their own errors (`TokenError`, `UniqueViolation`); the edge translates them, and only
 * `resource/lifecycle.ts` turns an `ApiError` into a response.
 * Reference: rest_framework.exceptions (statuses, codes, `{"detail": …}`); the wording is ours.
 */

/** Root of every error that drf-auth throws; `code` is stable and made for machines. */
export abstract class DrfAuthError extends Error {
  abstract readonly code: string;
  /** @param isAnswer  it tells somebody no, and is no fault: it has no stack, which costs more than all else of a refusal */
  constructor(message?: string, options?: ErrorOptions, isAnswer = false) {
    const depth = Error.stackTraceLimit;
    if (isAnswer) Error.stackTraceLimit = 0;
    super(message, options);
    if (isAnswer) Error.stackTraceLimit = depth;
  }
  override get name(): string {
    return this.constructor.name;
  }
}

/**
 * Something the server was started with is wrong. Shown once, at start, with a non-zero exit.
 *
 * @example
 * throw new ConfigurationError('PORT="http" (environment)', "expected a whole number from 0 to 65535");
 */
export class ConfigurationError extends DrfAuthError {
  readonly code = "configuration";
  /** The setting, file or declaration at fault, e.g. `PORT` or `resource "books", search[1]`. */
  readonly place: string;
  constructor(place: string, expected: string, options?: ErrorOptions) {
    super(`${place}: ${expected}`, options);
    this.place = place;
  }
}

/** One finding about one value: a code for machines, a sentence for people. */
export interface Issue {
  readonly code: string;
  readonly message: string;
}

/** Findings in the shape of the data that was sent: at the value itself, by field, or by index. */
export type Issues = readonly Issue[] | { readonly [field: string]: Issues } | IssuesByIndex;

/** Findings of a list, one entry an item (`{}` where the item is right). Reference: ListSerializer of DRF 3.14. */
export class IssuesByIndex {
  readonly items: readonly Issues[];
  constructor(items: readonly Issues[]) {
    this.items = items;
  }
}

/** An error that a client is told about. Below 500 it has no stack. */
export class ApiError extends DrfAuthError {
  /** Response headers that belong to this error, lower-case names. */
  readonly headers: Readonly<Record<string, string>> = {};
  /** HTTP status, 400 to 599. */
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string, options?: ErrorOptions) {
    super(message, options, status < 500);
    this.status = status;
    this.code = code;
  }
  /** The JSON body of the response. */
  body(): unknown {
    return { detail: this.message };
  }
}

/** 400: the body could not be read at all. */
export class ParseError extends ApiError {
  constructor(message: string, options?: ErrorOptions) {
    super(400, "parse_error", message, options);
  }
}

/** 400: the body was read, and one or more values are wrong; `issues` names every one of them. */
export class ValidationError extends ApiError {
  readonly issues: Issues;
  constructor(issues: Issues) {
    super(400, "invalid", "The data is not valid.");
    this.issues = issues;
  }
  override body(): unknown {
    return messagesOf(this.issues);
  }
}

/** The texts of a tree of issues, in the same shape: what a 400 response carries. */
export function messagesOf(issues: Issues): unknown {
  if (Array.isArray(issues)) return issues.map((issue: Issue) => issue.message);
  if (issues instanceof IssuesByIndex) return issues.items.map(messagesOf);
  return Object.fromEntries(Object.entries(issues).map(([field, inner]) => [field, messagesOf(inner)]));
}

/** 401 (or 403 where the first authenticator has no challenge): credentials were sent and are wrong. */
export class AuthenticationFailed extends ApiError {
  constructor(message = "The credentials are not valid.", code = "authentication_failed") {
    super(401, code, message);
  }
}

/** 401 (or 403, as above): this needs credentials and none were sent. Front ends compare the text, so it is fixed. */
export class NotAuthenticated extends ApiError {
  constructor() {
    super(401, "not_authenticated", "Authentication credentials were not provided.");
  }
}

/** 403: known, but not allowed. */
export class PermissionDenied extends ApiError {
  constructor(message = "You are not allowed to do this.", code = "permission_denied") {
    super(403, code, message);
  }
}

/** 404. */
export class NotFound extends ApiError {
  constructor(message = "There is nothing here.") {
    super(404, "not_found", message);
  }
}

/** 405: the URL exists, the method does not. */
export class MethodNotAllowed extends ApiError {
  constructor(method: string) {
    super(405, "method_not_allowed", `${method} is not offered here; the Allow header lists what is.`);
  }
}

/** 406: none of the accepted media types can be produced. */
export class NotAcceptable extends ApiError {
  constructor(offered: readonly string[]) {
    super(406, "not_acceptable", `None of the accepted media types is offered here; offered: ${offered.join(", ")}.`);
  }
}

/** 409: right in itself, but not in the present state of the data. */
export class Conflict extends ApiError {
  constructor(message = "This conflicts with the present state.", code = "conflict") {
    super(409, code, message);
  }
}

/** 412: a precondition of the request (`If-Match`, `If-None-Match`) does not hold. */
export class PreconditionFailed extends ApiError {
  constructor(
    message = "This has changed, or is gone; expected its present ETag in If-Match. Read it again and send the change anew.",
  ) {
    super(412, "precondition_failed", message);
  }
}

/** 413: the body is larger than allowed. */
export class PayloadTooLarge extends ApiError {
  constructor(limitBytes: number) {
    super(413, "payload_too_large", `The body is larger than the ${limitBytes} bytes allowed here.`);
  }
}

/** 415: the body's media type cannot be read. */
export class UnsupportedMediaType extends ApiError {
  constructor(received: string, readable: readonly string[]) {
    super(415, "unsupported_media_type", `"${received}" cannot be read here; readable: ${readable.join(", ")}.`);
  }
}

/** 422: read and understood, and not to be done. */
export class UnprocessableContent extends ApiError {
  constructor(message: string, code = "unprocessable_content") {
    super(422, code, message);
  }
}

/** 428: this is only changed by whoever says which state of it they saw. */
export class PreconditionRequired extends ApiError {
  constructor() {
    super(428, "precondition_required", "Expected the header If-Match with the ETag of what you read.");
  }
}

/** 429: too many requests; `Retry-After` says when to come back. */
export class Throttled extends ApiError {
  override readonly headers: Readonly<Record<string, string>>;
  /** @param waitSeconds until the next request would be answered, if known */
  constructor(waitSeconds?: number) {
    const wait = waitSeconds === undefined ? undefined : Math.ceil(waitSeconds);
    super(429, "throttled", wait === undefined ? "Too many requests." : `Too many requests; try again in ${wait} s.`);
    this.headers = wait === undefined ? {} : { "retry-after": String(wait) };
  }
}

/** 503: something this server depends on is away. */
export class ServiceUnavailable extends ApiError {
  override readonly headers = { "retry-after": "5" };
  constructor(
    message = "The service is not available just now.",
    options?: ErrorOptions,
    code = "service_unavailable",
  ) {
    super(503, code, message, options);
  }
}

/** 503: what keeps the data went away while it was being kept, and may have kept it. The body has `code`: `outcome_unknown`. */
export class OutcomeUncertain extends ServiceUnavailable {
  constructor(options?: ErrorOptions) {
    super(
      "The connection to the database was lost while this was being saved, so it was saved or it was not. " +
        "Look before you send it again; with an Idempotency-Key send it again as it is.",
      options,
      "outcome_unknown",
    );
  }
  override body(): unknown {
    return { detail: this.message, code: this.code };
  }
}
