/**
 * Answers that are held in memory, as the bytes that go over the wire: made once a second, for their `Date`, and only when asked for.
 */
import { STATUS_CODES, validateHeaderName, validateHeaderValue } from "node:http";
import type { Socket } from "node:net";
import type { RequestHead } from "./request-head.ts";

/** A whole answer, at hand. */
export interface HeldAnswer {
  readonly status: number;
  /** Name, value, name, value. One array is one answer: it stands for status and body, too. */
  readonly headers: readonly string[];
  /** Nothing for HEAD, a refusal, and what the client has. */
  readonly body?: Buffer;
}

/** What can be answered from memory. */
export interface HeldAnswers {
  /** Path that all of it is below, with `/` at both ends. */
  readonly prefix: string;
  /** For the metrics, as a route's pattern. */
  readonly route: string;
  /** Answers at once, or leaves the request to the listener. */
  find(head: RequestHead): HeldAnswer | undefined;
}

interface Ready {
  readonly second: number;
  readonly head: Buffer;
  /** Head and body, where the body is small. */
  whole: Buffer | undefined;
}

/** Up to here the bytes are held twice, so that one write sends them. */
const copiedBytes = 16 * 1024;

/**
 * Makes the function that sends such answers on connections that stay open.
 * @returns bytes that are sent
 */
export function createSender(keepAliveSeconds: number): (socket: Socket, answer: HeldAnswer) => number {
  const known = new WeakMap<readonly string[], Ready>();
  const keepAlive = `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(keepAliveSeconds)}\r\n`;
  const readyOf = ({ status, headers }: HeldAnswer): Ready => {
    const now = Date.now();
    const second = Math.floor(now / 1000);
    const last = known.get(headers);
    if (last?.second === second) return last;
    const date = `Date: ${new Date(now).toUTCString()}\r\n`;
    const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${linesOf(headers)}${date}${keepAlive}\r\n`;
    const ready = { second, head: Buffer.from(head, "latin1"), whole: undefined };
    known.set(headers, ready);
    return ready;
  };
  return (socket, answer) => {
    const ready = readyOf(answer);
    const { body } = answer;
    if (body === undefined) {
      socket.write(ready.head);
      return ready.head.length;
    }
    if (body.length <= copiedBytes) {
      ready.whole ??= Buffer.concat([ready.head, body]);
      socket.write(ready.whole);
    } else {
      socket.cork();
      socket.write(ready.head);
      socket.write(body);
      socket.uncork();
    }
    return ready.head.length + body.length;
  };
}

/** @throws TypeError  a name or a value that would break the head */
function linesOf(headers: readonly string[]): string {
  let text = "";
  for (let i = 0; i < headers.length; i += 2) {
    const [name = "", value = ""] = headers.slice(i, i + 2);
    validateHeaderName(name);
    validateHeaderValue(name, value);
    text += `${name}: ${value}\r\n`;
  }
  return text;
}
