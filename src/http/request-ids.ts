/**
 * The id of a request, by which its lines in the access log, in the log and in the audit log are found together.
 *
 * A well-formed `X-Request-ID` of a proxy that we trust is taken over; otherwise one is made. Every answer of an endpoint carries it.
 */
import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { createTrust, peerOf } from "./proxies.ts";

/** Of no more than these letters, so that it can stand in a log and in a header as it is. */
const form = /^[\w.:=+/-]{1,128}$/;

/** Nothing secret: ids only have to differ, over all processes and machines. */
const processId = randomBytes(9).toString("base64url");
let counted = 0;

/** Kept on the request, since the listener and the access log both ask; a map of requests would cost each of them more than all else here. */
const known = Symbol("request id");
type Message = Pick<IncomingMessage, "socket" | "headers"> & { [known]?: string };

/** Makes the function that tells a request's id, the same as often as it is asked. @param trusted  as for `createProxies` */
export function createRequestIds(trusted: readonly string[]): (message: Message) => string {
  const trust = createTrust(trusted);
  return (message) => {
    let id = message[known];
    if (id === undefined) {
      const sent = message.headers["x-request-id"];
      const isTaken = typeof sent === "string" && form.test(sent) && trust.peer(peerOf(message));
      id = isTaken ? sent : `${processId}-${(++counted).toString(36)}`;
      message[known] = id;
    }
    return id;
  };
}
