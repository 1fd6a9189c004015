/** The calls of a client, as types: by resource, by endpoint, and those of the account. */
import type { EndpointDeclaration, OwnEndpoint } from "../resource/index.ts";
import type {
  ActionsOf,
  AnswerOf,
  DeclarationOf,
  DeclaredApp,
  InputOfOwn,
  InputTo,
  Keyed,
  KeyOf,
  ShownBy,
} from "./declared.ts";
import type { AskedOf, ExpandableOf, PageOf, QueryOf, SparseOf, View } from "./query.ts";
import type { Call } from "./result.ts";
import type { CallOptions } from "./transport.ts";

interface Crud<R> {
  /** One page. */
  list<const Names extends SparseOf<R> = never, const Expanded extends ExpandableOf<R> = never>(
    query?: QueryOf<R> & View<Names, Expanded>,
    options?: CallOptions,
  ): Call<PageOf<R, AskedOf<R, Names, Expanded>>, QueryOf<R>>;
  create(input: InputTo<R>, options?: CallOptions): Call<ShownBy<R>, InputTo<R>>;
  retrieve<const Names extends SparseOf<R> = never, const Expanded extends ExpandableOf<R> = never>(
    key: KeyOf<R>,
    query?: View<Names, Expanded>,
    options?: CallOptions,
  ): Call<AskedOf<R, Names, Expanded>>;
  /** PUT: every field that is required is sent. */
  update(key: KeyOf<R>, input: InputTo<R>, options?: CallOptions): Call<ShownBy<R>, InputTo<R>>;
  /** PATCH: what is not sent stays as it is. */
  partialUpdate(key: KeyOf<R>, input: Partial<InputTo<R>>, options?: CallOptions): Call<ShownBy<R>, InputTo<R>>;
  delete(key: KeyOf<R>, options?: CallOptions): Call<undefined>;
}

interface Iterated<R> {
  /**
   * Every row, page after page.
   * @throws ApiFailure  a page could not be had
   */
  all<const Names extends SparseOf<R> = never, const Expanded extends ExpandableOf<R> = never>(
    query?: QueryOf<R> & View<Names, Expanded>,
    options?: CallOptions,
  ): AsyncGenerator<AskedOf<R, Names, Expanded>, void, undefined>;
}

/** All of them, or none. */
interface Bulk<R> {
  createMany(items: readonly InputTo<R>[], options?: CallOptions): Call<ShownBy<R>[]>;
  /** PATCH of the list: each item names its row by the primary key. */
  partialUpdateMany(items: readonly (Partial<InputTo<R>> & Keyed<R>)[], options?: CallOptions): Call<ShownBy<R>[]>;
  deleteMany(keys: readonly KeyOf<R>[], options?: CallOptions): Call<undefined>;
}

type Own<R, A> = A extends { readonly on: "detail" }
  ? InputOfOwn<A> extends undefined
    ? (key: KeyOf<R>, input?: undefined, options?: CallOptions) => Call<AnswerOf<A>>
    : (key: KeyOf<R>, input: InputOfOwn<A>, options?: CallOptions) => Call<AnswerOf<A>, InputOfOwn<A>>
  : A extends { readonly method: "GET" }
    ? (query?: QueryOf<R>, options?: CallOptions) => Call<AnswerOf<A>, QueryOf<R>>
    : InputOfOwn<A> extends undefined
      ? (input?: undefined, options?: CallOptions) => Call<AnswerOf<A>>
      : (input: InputOfOwn<A>, options?: CallOptions) => Call<AnswerOf<A>, InputOfOwn<A>>;

/** Under the name of its method, in lower case. */
type ByMethod<A, Ask> = A extends { readonly method: infer M extends string }
  ? { readonly [Name in Lowercase<M>]: Ask }
  : never;

type OwnActions<R> =
  DeclarationOf<R> extends { readonly actions: infer Actions }
    ? { readonly actions: { readonly [Name in keyof Actions]: ByMethod<Actions[Name], Own<R, Actions[Name]>> } }
    : unknown;

/** What can be asked of a resource: the actions that it offers. */
export type ResourceCalls<R> = Pick<Crud<R>, ActionsOf<R> & keyof Crud<R>> &
  ("list" extends ActionsOf<R> ? Iterated<R> : unknown) &
  (DeclarationOf<R> extends { readonly bulk: object | true } ? Bulk<R> : unknown) &
  OwnActions<R>;

/** What can be asked of an endpoint: its methods, in lower case. */
export type EndpointCalls<E> =
  E extends OwnEndpoint<infer D extends EndpointDeclaration>
    ? {
        readonly [M in keyof D["methods"] & string as Lowercase<M>]: InputOfOwn<D["methods"][M]> extends undefined
          ? (input?: undefined, options?: CallOptions) => Call<AnswerOf<D["methods"][M]>>
          : (
              input: InputOfOwn<D["methods"][M]>,
              options?: CallOptions,
            ) => Call<AnswerOf<D["methods"][M]>, InputOfOwn<D["methods"][M]>>;
      }
    : never;

export interface AccountCalls {
  /** Signs in; with a second factor the error is `second_factor_required`. */
  signIn(input: SignIn, options?: CallOptions): Call<unknown, SignIn>;
  /** The second step: the challenge of the first one, and a code. */
  secondFactor(input: SecondFactor, options?: CallOptions): Call<unknown, SecondFactor>;
  /** Ends the session on the server, and forgets the tokens whatever the server says. */
  signOut(options?: CallOptions): Call<unknown>;
}

interface SignIn {
  readonly username: string;
  readonly password: string;
}
interface SecondFactor {
  readonly challenge: string;
  readonly code: string;
}

/** A client of an app. */
export interface Client<App extends DeclaredApp> {
  readonly resources: { readonly [Name in keyof App["resources"]]: ResourceCalls<App["resources"][Name]> };
  readonly endpoints: { readonly [Name in keyof App["endpoints"]]: EndpointCalls<App["endpoints"][Name]> };
  readonly account: AccountCalls;
}
