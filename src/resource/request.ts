/**
 * One HTTP request, as the resource layer sees it: facts read once, everything costly read when it is asked for.
 */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { QueryParameters } from "./query-parameters.ts";

export interface RequestFacts {
  readonly message: IncomingMessage;
  /** Values of the route's placeholders, decoded. */
  readonly params: Readonly<Record<string, string | undefined>>;
  /** `https` where TLS, or a trusted proxy, says so. */
  readonly scheme: "http" | "https";
  /** The host name and port that the client asked for; an allowed one. */
  readonly host: string;
  /** Address of the client: the peer, or what a trusted proxy says. */
  readonly address: string;
  /** By which its lines in the logs are found; every answer carries it as `X-Request-ID`. */
  readonly id?: string;
}

const noParameters = new QueryParameters("");

export class Request implements RequestFacts {
  readonly message: IncomingMessage;
  readonly params: Readonly<Record<string, string | undefined>>;
  readonly scheme: "http" | "https";
  readonly host: string;
  readonly address: string;
  readonly id: string;
  readonly method: string;
  /** Path without the query, as it was sent. */
  readonly path: string;
  readonly #search: string;
  #query?: QueryParameters;

  constructor(facts: RequestFacts) {
    this.message = facts.message;
    this.params = facts.params;
    this.scheme = facts.scheme;
    this.host = facts.host;
    this.address = facts.address;
    this.id = facts.id ?? "";
    this.method = facts.message.method ?? "GET";
    const url = facts.message.url ?? "/";
    const mark = url.indexOf("?");
    this.path = mark < 0 ? url : url.slice(0, mark);
    this.#search = mark < 0 ? "" : url.slice(mark + 1);
  }

  get headers(): IncomingHttpHeaders {
    return this.message.headers;
  }

  /** The parameters after `?`. */
  get query(): QueryParameters {
    this.#query ??= this.#search === "" ? noParameters : new QueryParameters(this.#search);
    return this.#query;
  }

  /** The URL of a path on this server, as this client reaches it. */
  absolute(path: string): string {
    return `${this.scheme}://${this.host}${path}`;
  }

  /** This request's absolute URL with other query parameters: what the links of a page are. */
  withQuery(changes: Readonly<Record<string, string | null>>): string {
    return this.absolute(this.path) + this.query.with(changes);
  }
}
