/**
 * Short requests that are answered from memory in front of HTTP's parser, as those for static files: at half of what they cost behind it.
 *
 * Each connection begins here. As long as every packet is one whole GET or HEAD request of the plainest form, and its answer is
 * held in memory, that is one write. The first packet that is anything else goes to Node's HTTP server together with the connection,
 * for good: so what could be read in two ways (lengths, encodings, repeated fields, requests in pieces or two in a packet) has one
 * reader. Reference: docs/decisions/0031.
 */
import type { Socket } from "node:net";
import { createSender, type HeldAnswers } from "./held-answers.ts";
import { type RequestHead, readRequestHead } from "./request-head.ts";

export interface FastPathOptions {
  readonly held: HeldAnswers;
  readonly keepAliveSeconds: number;
  /** Time in which a connection must say something first. */
  readonly silenceSeconds: number;
  readonly maxHeaderBytes: number;
  /** Takes a connection over; what has been read of it and not answered comes as its first data. */
  readonly onHttp1: (socket: Socket) => void;
  /** Told of each request that is answered here, and of the bytes that are sent. */
  readonly onAnswered: (head: RequestHead, status: number, bytes: number) => void;
}

export interface FastPath {
  accept(socket: Socket): void;
  /** From now on, requests go to the HTTP server, whose answers say that the connection ends. */
  leave(): void;
  /** Closes connections on which nothing is under way. */
  closeIdle(): void;
}

/** Node keeps a connection that much longer than it says: a request may be on its way. */
const graceSeconds = 1;

export function createFastPath(options: FastPathOptions): FastPath {
  const { held, keepAliveSeconds, silenceSeconds, maxHeaderBytes, onHttp1, onAnswered } = options;
  const send = createSender(keepAliveSeconds);
  const connections = new Set<Socket>();
  let isLeft = false;

  const answers = (socket: Socket, packet: Buffer): boolean => {
    // Who does not read what was sent is looked after by the HTTP server.
    if (isLeft || packet.length > maxHeaderBytes || socket.writableLength > 0) return false;
    const head = readRequestHead(packet, held.prefix, socket);
    const answer = head && held.find(head);
    if (head === undefined || answer === undefined) return false;
    onAnswered(head, answer.status, send(socket, answer));
    return true;
  };

  function accept(socket: Socket): void {
    let isFirst = true;
    const onData = (packet: Buffer): void => {
      if (!answers(socket, packet)) handOver(packet);
      else if (isFirst) {
        isFirst = false;
        socket.setTimeout((keepAliveSeconds + graceSeconds) * 1000);
      }
    };
    const onEnd = (): void => void socket.end();
    const onGone = (): void => void socket.destroy();
    const onClose = (): void => void connections.delete(socket);
    const handOver = (packet: Buffer): void => {
      connections.delete(socket);
      socket.setTimeout(0);
      socket.off("data", onData).off("end", onEnd).off("error", onGone).off("timeout", onGone).off("close", onClose);
      // A stream that flows while it changes hands goes on flowing when HTTP's parser has to wait, which then breaks off.
      socket.pause();
      socket.unshift(packet);
      onHttp1(socket);
      socket.resume();
    };
    connections.add(socket);
    socket.setTimeout(silenceSeconds * 1000);
    socket.on("data", onData).on("end", onEnd).on("error", onGone).on("timeout", onGone).on("close", onClose);
  }

  return {
    accept,
    leave() {
      isLeft = true;
    },
    closeIdle() {
      for (const socket of connections) if (socket.writableLength === 0) socket.destroy();
    },
  };
}
