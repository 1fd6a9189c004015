/**
 * Who asks: a pair of tokens that the client keeps, or cookies that only the browser can read.
 *
 * However many requests are refused because a token has ended, one refresh serves all of them, and they are sent again.
 * Reference: the routes of rest_framework_simplejwt, and those of token cookies.
 */

/** A pair of tokens. */
export interface Tokens {
  readonly access: string;
  readonly refresh: string;
}

/** Where tokens are kept; memory, unless an app says otherwise. */
export interface TokenStore {
  get(): Tokens | undefined | Promise<Tokens | undefined>;
  /** Undefined where nobody is signed in any more. */
  set(tokens: Tokens | undefined): void | Promise<void>;
}

/** What a request is sent with, and what is done when it is refused. */
export interface Credentials {
  readonly cookies: "same-origin" | "include";
  /** Puts who asks into the headers. Undefined where nobody is signed in. */
  sign(headers: Headers, isSafe: boolean): Promise<string | undefined>;
  /** Whether there is a new token since `used`, so that the request may be sent again. */
  renew(used: string | undefined): Promise<boolean>;
  /** What a sign-in, or a refresh, was answered with. */
  keep(answer: unknown): Promise<void>;
  /**
   * Learns anew what proves that a request is the page's own, after a 403 that may be for the want of it: another tab signed in,
   * or out. Undefined where nothing has to be proved.
   */
  readonly prove?: () => Promise<void>;
  /** The body that ends the session; undefined where there is none. */
  leaving(): Promise<object | undefined>;
  forget(): Promise<void>;
}

export type Post = (path: string, body: object, headers?: Headers) => Promise<Response>;

export function memoryTokens(): TokenStore {
  let kept: Tokens | undefined;
  return {
    get: () => kept,
    set: (tokens) => {
      kept = tokens;
    },
  };
}

/**
 * Tokens in headers. That one has ended is learnt from the server's 401, which did nothing: clocks of clients are often wrong.
 */
export function headerCredentials(store: TokenStore, post: Post): Credentials {
  const refresh = once(async (): Promise<boolean> => {
    const held = await store.get();
    if (!held) return false;
    const response = await post("refresh/", { refresh: held.refresh });
    // Who signed out meanwhile stays signed out, and who signed in has tokens of their own.
    const now = await store.get();
    if (now?.refresh !== held.refresh) return now !== undefined;
    if (response.ok) {
      const answer = (await response.json()) as Partial<Tokens>;
      await store.set({ ...held, ...answer });
    } else if (response.status < 500 && response.status !== 429) await store.set(undefined);
    return response.ok;
  });
  return {
    cookies: "same-origin",
    async sign(headers) {
      const held = await store.get();
      if (held) headers.set("authorization", `Bearer ${held.access}`);
      return held?.access;
    },
    async renew(used) {
      if (used === undefined) return false;
      const held = await store.get();
      return held !== undefined && held.access !== used ? true : refresh();
    },
    keep: async (answer) => store.set(answer as Tokens),
    async leaving() {
      const held = await store.get();
      return held && { refresh: held.refresh };
    },
    forget: async () => store.set(undefined),
  };
}

/** Tokens in cookies: what is sent is the proof that the request is the page's own. */
export function cookieCredentials(post: Post, getCsrf: () => Promise<Response>): Credentials {
  let csrf: string | undefined;
  const learn = async (answer: unknown): Promise<void> => {
    const { csrf_token } = answer as { csrf_token?: string };
    csrf = csrf_token ?? csrf;
  };
  const prove = once(async () => learn(await (await getCsrf()).json()));
  const sign = async (headers: Headers, isSafe: boolean): Promise<string> => {
    if (!isSafe && csrf === undefined) await prove();
    if (csrf !== undefined) headers.set("x-csrftoken", csrf);
    return "";
  };
  const refresh = once(async () => {
    const headers = new Headers();
    await sign(headers, false);
    const response = await post("refresh/", {}, headers);
    if (response.status !== 403) return response.ok;
    await prove();
    await sign(headers, false);
    return (await post("refresh/", {}, headers)).ok;
  });
  // A request that was sent before a refresh ended is not a reason for another one.
  let renewals = 0;
  return {
    cookies: "include",
    async sign(headers, isSafe) {
      await sign(headers, isSafe);
      return String(renewals);
    },
    async renew(used) {
      if (used !== String(renewals)) return true;
      const isRenewed = await refresh();
      if (isRenewed && used === String(renewals)) renewals++;
      return isRenewed;
    },
    keep: learn,
    prove,
    leaving: async () => ({}),
    forget: async () => undefined,
  };
}

/** Work that all who ask at the same time share. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => {
    running ??= work().finally(() => {
      running = undefined;
    });
    return running;
  };
}
