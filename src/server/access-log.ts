/**
 * The access log: one line a request, written after its response went out or its client went away.
 *
 * `http-server.ts` says when a request begins and ends; the app may say whose it was. Lines are put together by hand, since
 * they are made for every request.
 * Reference: gunicorn's access log, whose formats `access-log-format.ts` knows. Differs: no query string unless asked for (it can carry
 * tokens and names), bytes as they went over the wire, headers included (of HTTP/2, where answers share a connection, those of the
 * content), and 499 (as nginx) for a client that left before the answer.
 */
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { escapeControls, toJsonString } from "../config/index.ts";
import { combinedFormat, compileFormat } from "./access-log-format.ts";
import { CountedResponse } from "./http2.ts";
import type { LineWriter } from "./line-writer.ts";
import type { RequestHead } from "./request-head.ts";

export interface AccessLog {
  begin(request: RequestHead, response: ServerResponse): void;
  /** Notes a request that was answered at once. @param bytes  sent, with the head */
  note(request: RequestHead, status: number, bytes: number): void;
  /** Notes whose request it was. */
  noteUser(response: ServerResponse, userId: number | string | undefined): void;
  end(response: ServerResponse): void;
  /** Writes at once what was gathered. */
  flush(): void;
}

export type AccessLogFormat = "json" | "readable" | "combined" | { readonly letters: string };

export interface AccessLogOptions {
  /** `combined` is that of Apache and nginx; another one is written in Gunicorn's letters: `%(h)s %(m)s %(U)s`. */
  readonly format: AccessLogFormat;
  readonly lines: LineWriter;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds of any steady clock, for how long a request took (default: of this process): the other one may be set meanwhile. */
  readonly steadyNow?: () => number;
  /** Log query strings too (default false). */
  readonly hasQuery?: boolean;
  /** The client's address (default: the peer of the socket), e.g. as a trusted proxy tells it. */
  readonly addressOf?: (request: RequestHead) => string;
  /** The id of a request, where the answer names none in `X-Request-Id`. */
  readonly idOf?: (request: RequestHead) => string;
}

/** One request, from its first line to its log line. */
interface Entry {
  readonly startedAt: number;
  /** Of the steady clock. */
  readonly begunAt: number;
  readonly method: string;
  readonly path: string;
  readonly address: string;
  readonly requestId: string | undefined;
  readonly request: RequestHead;
  readonly socket: Socket;
  readonly bytesBefore: number;
  userId: number | string | undefined;
}

/** What a line says. */
export interface Line extends Omit<Entry, "begunAt"> {
  readonly time: string;
  readonly status: number;
  readonly milliseconds: string;
  readonly bytes: number;
  readonly isAborted: boolean;
}

/** The status of a request whose client went away before the answer. */
const clientGone = 499;

/** Makes an access log. */
export function createAccessLog({
  format,
  lines,
  now,
  steadyNow = () => performance.now(),
  hasQuery = false,
  addressOf = peerOf,
  idOf,
}: AccessLogOptions): AccessLog {
  const entries = new Map<ServerResponse, Entry>();
  const toLine = lineMaker(format);
  const entryOf = (request: RequestHead): Entry => {
    const { method = "", url = "", socket } = request;
    return {
      startedAt: now(),
      begunAt: steadyNow(),
      method,
      path: pathOf(url, hasQuery),
      address: addressOf(request),
      requestId: idOf?.(request),
      request,
      socket,
      bytesBefore: socket.bytesWritten,
      userId: undefined,
    };
  };
  const write = (entry: Entry, end: Pick<Line, "status" | "bytes" | "isAborted">): void =>
    lines.write(
      toLine({
        ...entry,
        ...end,
        time: new Date(entry.startedAt).toISOString(),
        milliseconds: (steadyNow() - entry.begunAt).toFixed(1),
      }),
    );
  return {
    begin(request, response) {
      entries.set(response, entryOf(request));
    },
    note(request, status, bytes) {
      write(entryOf(request), { status, bytes, isAborted: false });
    },
    noteUser(response, userId) {
      const entry = entries.get(response);
      if (entry !== undefined) entry.userId = userId;
    },
    end(response) {
      const entry = entries.get(response);
      if (entry === undefined) return;
      entries.delete(response);
      const named = response.getHeader("x-request-id");
      write(named === undefined ? entry : { ...entry, requestId: String(named) }, {
        status: response.headersSent ? response.statusCode : clientGone,
        bytes:
          response instanceof CountedResponse ? response.contentBytes : entry.socket.bytesWritten - entry.bytesBefore,
        isAborted: !response.writableFinished,
      });
    },
    flush: lines.flush,
  };
}

/** @throws ConfigurationError  a letter that there is not */
function lineMaker(format: AccessLogFormat): (line: Line) => string {
  if (format === "json") return toJson;
  if (format === "readable") return toReadable;
  return compileFormat(format === "combined" ? combinedFormat : format.letters);
}

const peerOf = (request: RequestHead): string => request.socket.remoteAddress ?? "";

/** The path of a request target: without its query, and without scheme and authority, which may hold a password. */
function pathOf(target: string, hasQuery: boolean): string {
  const path = target.startsWith("/") || target === "*" ? target : target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i, "");
  const mark = hasQuery ? -1 : path.indexOf("?");
  return mark < 0 ? path : path.slice(0, mark);
}

function toJson({
  time,
  address,
  method,
  path,
  status,
  milliseconds,
  bytes,
  userId,
  requestId,
  isAborted,
}: Line): string {
  const user = userId === undefined ? "" : `,"user":${typeof userId === "number" ? userId : toJsonString(userId)}`;
  const id = requestId === undefined ? "" : `,"request_id":${toJsonString(requestId)}`;
  const aborted = isAborted ? ',"aborted":true' : "";
  return (
    `{"time":"${time}","remote":${toJsonString(address)},"method":"${method}","path":${toJsonString(path)},"status":${status},` +
    `"duration_ms":${milliseconds},"bytes":${bytes}${user}${id}${aborted}}`
  );
}

function toReadable({
  time,
  address,
  method,
  path,
  status,
  milliseconds,
  bytes,
  userId,
  requestId,
  isAborted,
}: Line): string {
  const user = userId === undefined ? "" : ` user=${escapeControls(String(userId))}`;
  const id = requestId === undefined ? "" : ` id=${escapeControls(requestId)}`;
  const line = `${time} ${escapeControls(address)} ${method} ${escapeControls(path)} ${status} ${bytes} B ${milliseconds} ms`;
  return `${line}${user}${id}${isAborted ? " aborted" : ""}`;
}
