/**
 * The refusals of tokens.
 * Reference: rest_framework_simplejwt.exceptions.InvalidToken; the texts of `detail` are compared by front ends, so they are fixed.
 */
import { ApiError, AuthenticationFailed } from "../../errors.ts";

/** A token that was sent and is not accepted. */
export class TokenNotValid extends ApiError {
  readonly #body: Readonly<Record<string, unknown>>;
  override readonly headers: Readonly<Record<string, string>>;
  /** @param options  `challenge` takes the place of the endpoint's */
  constructor(
    body: { readonly detail: string; readonly code?: string; readonly messages?: readonly unknown[] },
    options?: ErrorOptions & { readonly challenge?: string },
  ) {
    super(401, body.code ?? "token_not_valid", body.detail, options);
    this.headers = options?.challenge === undefined ? {} : { "www-authenticate": options.challenge };
    this.#body = { detail: body.detail, code: this.code, ...(body.messages && { messages: body.messages }) };
  }
  override body(): unknown {
    return this.#body;
  }
}

export const notValid = (): TokenNotValid => new TokenNotValid({ detail: "The token is not valid or has expired." });

export class NoActiveAccount extends AuthenticationFailed {
  constructor() {
    super("There is no active account with these credentials.", "no_active_account");
  }
}
